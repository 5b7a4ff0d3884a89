import { defineEntity, p } from '@mikro-orm/core';
import type { TokenScope } from '../../protocol/index.js';
import { User } from '../../users/user.entity.js';

const PersonalTokenSchema = defineEntity({
  name: 'PersonalToken',
  tableName: 'personal_tokens',
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    name: p.string().length(200),
    /** SHA-256 of the token, base64url. The token has 256 random bits, so the hash needs no salt. */
    tokenHash: p.string().length(43).unique(),
    scopes: p.json().$type<TokenScope[]>(),
    createdAt: p.bigint('number'),
    /** `null` for a token that never expires. */
    expiresAt: p.bigint('number').nullable().index(),
    /** Written at most once a minute. */
    lastUsedAt: p.bigint('number').nullable(),
  },
});

/** A token of a user for programs. Ending it removes the row; the audit keeps its name. */
export class PersonalToken extends PersonalTokenSchema.class {}
PersonalTokenSchema.setClass(PersonalToken);
