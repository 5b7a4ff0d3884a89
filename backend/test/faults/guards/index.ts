import { BUS_GUARDS } from './bus.guards.js';
import { CLOCK_GUARDS } from './clock.guards.js';
import { COMMIT_OUTCOME_GUARDS } from './commit-outcome.guards.js';
import type { Guard } from './guard.js';
import { HOST_GUARDS } from './host.guards.js';
import { LOG_GUARDS } from './log.guards.js';
import { SILENCE_GUARDS } from './silence.guards.js';

/** Each guard is removed in a copy of the server, and at least one fault must fail then. */
export const GUARDS: readonly Guard[] = [
  ...LOG_GUARDS,
  ...BUS_GUARDS,
  ...CLOCK_GUARDS,
  ...COMMIT_OUTCOME_GUARDS,
  ...SILENCE_GUARDS,
  ...HOST_GUARDS,
];
