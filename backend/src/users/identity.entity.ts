import { defineEntity, p } from '@mikro-orm/core';
import { User } from './user.entity.js';

const IdentitySchema = defineEntity({
  name: 'Identity',
  tableName: 'identities',
  properties: {
    /** The provider's name: `google`, `local`, or the host of another one. */
    provider: p.string().length(100).primary(),
    /** Who it is for the provider; never changes there. */
    subject: p.string().length(255).primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    createdAt: p.bigint('number'),
  },
});

/** How a person signs in. The account is found by (provider, subject), never by e-mail. */
export class Identity extends IdentitySchema.class {}
IdentitySchema.setClass(Identity);
