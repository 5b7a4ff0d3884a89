import { defineEntity, p } from '@mikro-orm/core';

const RateLimitSchema = defineEntity({
  name: 'RateLimit',
  tableName: 'rate_limits',
  properties: {
    /** The name of the policy and what it counts by: `sends:USER`, `handshakes:203.0.113.5`. */
    key: p.string().length(120).primary(),
    /** The acts since the window began. */
    points: p.integer(),
    /** The end of the window, by the shared clock. */
    expiresAt: p.bigint('number').index(),
  },
});

/** How often something was done within the current window of a limit, on all processes together. */
export class RateLimit extends RateLimitSchema.class {}
RateLimitSchema.setClass(RateLimit);
