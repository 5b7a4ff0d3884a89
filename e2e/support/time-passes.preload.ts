/*
 * Loaded into a server before its own code (`--import`): each SIGUSR2 moves its clocks forward by eleven minutes,
 * longer than an access token is valid: the time of day and `performance.now()`.
 */
import { isMainThread } from 'node:worker_threads';

const STEP_MS = 11 * 60_000;
const timeOfDay = Date.now.bind(Date);
const ticks = performance.now.bind(performance);
let aheadMs = 0;

if (isMainThread) {
  Date.now = () => timeOfDay() + aheadMs;
  performance.now = () => ticks() + aheadMs;
  process.on('SIGUSR2', () => (aheadMs += STEP_MS));
}
