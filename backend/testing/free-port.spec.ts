import { describe, expect, it } from '@jest/globals';
import { firstEphemeralPort, freePort } from './free-port.js';

describe('a free port', () => {
  it('is none that browsers refuse', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    expect(Math.min(...ports)).toBeGreaterThan(10_080);
  });

  it('is none that the system gives to connections and other servers', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    expect(Math.max(...ports)).toBeLessThan(firstEphemeralPort());
  });

  it('is found once', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    expect(new Set(ports).size).toBe(ports.length);
  });
});
