import { jest } from '@jest/globals';
import type { Clock } from '../../src/database/clock.js';

const ticking = performance.now.bind(performance);

/**
 * Moves the clocks of a server forward, until `jest.restoreAllMocks`: the time of day and the monotonic clock.
 *
 * After 30 days all sessions have ended: the server closes the sockets of a test, and refuses its tokens, at some moment
 * soon after. If a test needs them, make the rows older instead.
 */
export function passTime(clock: Clock, ms: number): void {
  const moment = clock.now() + ms - ticking();
  const ahead = performance.now() + ms - ticking();
  jest.spyOn(clock, 'now').mockImplementation(() => Math.floor(moment + ticking()));
  jest.spyOn(performance, 'now').mockImplementation(() => ahead + ticking());
}
