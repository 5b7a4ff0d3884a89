import { checkCommands } from './commands.check.js';
import { checkEnds } from './ends.check.js';
import { checkLog } from './log.check.js';
import type { Evidence, Violation } from './recording.js';
import { checkTabs } from './tabs.check.js';

/**
 * Checks the evidence of a round, and returns the broken rules. It does not depend on the fault: the same rules hold
 * whatever was done to the server.
 */
export const check = (evidence: Evidence): readonly Violation[] => [
  ...checkLog(evidence),
  ...checkEnds(evidence),
  ...checkCommands(evidence),
  ...checkTabs(evidence),
];
