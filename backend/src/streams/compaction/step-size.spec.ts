import { describe, expect, it, jest } from '@jest/globals';
import { StepSize } from './step-size.js';

describe('the size of a step', () => {
  it('shrinks with a slow step, and grows slowly', () => {
    const size = new StepSize(100, 10, 300);
    size.took(20);
    expect(size.rows).toBe(25);
    size.took(1);
    expect(size.rows).toBe(50);
    size.took(5);
    expect(size.rows).toBe(50);
  });

  it('stays within its bounds', () => {
    const size = new StepSize(100, 10, 300);
    size.took(10_000);
    expect(size.rows).toBe(10);
    for (let step = 0; step < 10; step += 1) size.took(0);
    expect(size.rows).toBe(300);
  });

  it('pauses for a multiple of the duration of the step, and shorter the longer the work lasts', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const size = new StepSize(100, 10, 300);
    expect(size.took(4)).toBe(60);
    now.mockReturnValue(4 * 60_000);
    expect(size.took(4)).toBe(12);
    now.mockRestore();
  });
});
