import { jest } from '@jest/globals';
import type { Clock } from '../../src/database/clock.js';

const ticking = performance.now.bind(performance);

/** Lets time pass for a server, until `jest.restoreAllMocks`: for its moments, and for what it measures. */
export function passTime(clock: Clock, ms: number): void {
  const moment = clock.now() + ms - ticking();
  const ahead = performance.now() + ms - ticking();
  jest.spyOn(clock, 'now').mockImplementation(() => Math.floor(moment + ticking()));
  jest.spyOn(performance, 'now').mockImplementation(() => ahead + ticking());
}
