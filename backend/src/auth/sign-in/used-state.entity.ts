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

/** A sign-in's `state` that came back from the provider; kept as long as its cookie would be good. */
export class UsedState extends UsedStateSchema.class {}
UsedStateSchema.setClass(UsedState);
