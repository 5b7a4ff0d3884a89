import { defineEntity, p } from '@mikro-orm/core';

export const UsedStateSchema = defineEntity({
  name: 'UsedState',
  tableName: 'used_states',
  properties: {
    /** SHA-256 of the state, base64url. */
    stateHash: p.string().length(43).primary(),
    expiresAt: p.bigint('number').index(),
  },
});

/** A `state` that was used in a callback; kept as long as the cookie of its sign-in is valid. */
export class UsedState extends UsedStateSchema.class {}
UsedStateSchema.setClass(UsedState);
