import { defineEntity, p } from '@mikro-orm/core';
import { User } from './user.entity.js';

const IdentitySchema = defineEntity({
  name: 'Identity',
  tableName: 'identities',
  properties: {
    /** The provider: its issuer identifier (OpenID Connect Core, 2), or `local` for the local provider. */
    issuer: p.string().length(500).primary(),
    /** The user's id at the provider, which never changes. */
    subject: p.string().length(255).primary(),
    /** As last verified by the provider; `null` before the first sign-in after this column was added. */
    email: p.string().length(320).nullable(),
    lastUsedAt: p.bigint('number').nullable(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    createdAt: p.bigint('number'),
  },
});

/** A sign-in identity of a user. The account is found by (issuer, subject), never by e-mail. */
export class Identity extends IdentitySchema.class {}
IdentitySchema.setClass(Identity);
