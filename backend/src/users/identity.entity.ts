import { defineEntity, p } from '@mikro-orm/core';
import { User } from './user.entity.js';

const IdentitySchema = defineEntity({
  name: 'Identity',
  tableName: 'identities',
  properties: {
    /** The provider's name: `google`, `local`, or the host of another one. */
    provider: p.string().length(100).primary(),
    /** The user's id at the provider, which never changes. */
    subject: p.string().length(255).primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    createdAt: p.bigint('number'),
  },
});

/** A sign-in identity of a user. The account is found by (provider, subject), never by e-mail. */
export class Identity extends IdentitySchema.class {}
IdentitySchema.setClass(Identity);
