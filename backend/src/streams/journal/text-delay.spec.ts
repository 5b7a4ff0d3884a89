import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { telemetry } from '../../telemetry.js';
import { TextDelay } from './text-delay.js';

describe('TextDelay', () => {
  let delays: number[];
  let unsubscribe: () => void;
  beforeEach(() => {
    jest.useFakeTimers();
    delays = [];
    unsubscribe = telemetry.textSent.subscribe(({ delayMs }) => delays.push(delayMs));
  });
  afterEach(() => {
    unsubscribe();
    jest.useRealTimers();
  });

  const delay = (): TextDelay => {
    const made = TextDelay.ifHeard();
    if (!made) throw new Error('there is a subscriber');
    return made;
  };
  const pass = (ms: number): void => {
    jest.advanceTimersByTime(ms);
  };

  it('does not exist without a subscriber', () => {
    unsubscribe();
    expect(TextDelay.ifHeard()).toBeUndefined();
  });

  it('is that of the first piece of a delta', () => {
    const text = delay();
    text.arrived();
    pass(10);
    text.arrived();
    text.taken();
    pass(5);
    text.sent();
    expect(delays).toEqual([15]);
  });

  it('begins for text that arrives during a commit with its own arrival', () => {
    const text = delay();
    text.arrived();
    text.taken();
    pass(3);
    text.arrived();
    pass(4);
    text.arrived();
    text.sent();
    pass(10);
    text.taken();
    text.sent();
    expect(delays).toEqual([7, 14]);
  });

  it('is that of the first piece when a commit is repeated with more text', () => {
    const text = delay();
    text.arrived();
    text.taken();
    pass(3);
    text.arrived();
    pass(20);
    text.taken();
    pass(1);
    text.sent();
    pass(100);
    text.arrived();
    text.taken();
    pass(2);
    text.sent();
    expect(delays).toEqual([24, 2]);
  });
});
