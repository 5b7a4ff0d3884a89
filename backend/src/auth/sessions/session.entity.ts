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
    /** The provider that signed the user in; `null` in sessions of earlier versions. */
    issuer: p.string().length(500).nullable(),
    /** The provider's id of its own session, by which it ends this one (`sid`, Back-Channel Logout 1.0, 2.1). */
    providerSession: p.string().length(255).nullable(),
    /** The encrypted ID token, which the provider wants back when the user signs out. */
    idToken: p.text().nullable(),
    /** The encrypted tokens with which the provider is asked for the role again; `null` if it does not set roles. */
    providerTokens: p.text().nullable(),
    /** When the provider was last asked for the role. */
    providerAskedAt: p.bigint('number').nullable(),
    createdAt: p.bigint('number'),
    lastUsedAt: p.bigint('number'),
    expiresAt: p.bigint('number').index(),
    endedAt: p.bigint('number').nullable().index(),
  },
  indexes: [{ properties: ['issuer', 'providerSession'] }],
});

/** One signed-in browser. */
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);
