import { describe, expect, it } from '@jest/globals';
import { SendLimiter } from './send-limiter.js';

describe('SendLimiter', () => {
  it('allows a number of messages per minute, for each user separately', () => {
    const limiter = new SendLimiter(2);
    limiter.count('a', 0);
    limiter.count('a', 10_000);
    expect(() => limiter.check('a', 20_000)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterMs: 40_000 }),
    );
    expect(() => limiter.check('b', 20_000)).not.toThrow();
    expect(() => limiter.check('a', 60_001)).not.toThrow();
  });
});
