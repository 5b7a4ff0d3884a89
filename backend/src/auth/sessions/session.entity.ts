import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    /** SHA-256 of the current refresh token, base64url. */
    tokenHash: p.string().length(43).unique(),
    /** The hash of the previous token: valid for a short grace period after `rotatedAt`, a sign of theft afterwards. */
    previousTokenHash: p.string().length(43).nullable().index(),
    rotatedAt: p.bigint('number'),
    userAgent: p.string().length(200),
    createdAt: p.bigint('number'),
    lastUsedAt: p.bigint('number'),
    expiresAt: p.bigint('number').index(),
    endedAt: p.bigint('number').nullable().index(),
  },
});

/** One signed-in browser. */
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);
