import { checkCommands } from './commands.check.js';
import { checkEnds } from './ends.check.js';
import { checkLog } from './log.check.js';
import type { Evidence, Violation } from './recording.js';
import { checkTabs } from './tabs.check.js';

/**
 * Reads what a round left behind and says which promises were broken. It knows nothing of the faults: the same
 * evidence must hold whatever was done to the server.
 */
export const check = (evidence: Evidence): readonly Violation[] => [
  ...checkLog(evidence),
  ...checkEnds(evidence),
  ...checkCommands(evidence),
  ...checkTabs(evidence),
];
