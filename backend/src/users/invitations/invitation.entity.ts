import { defineEntity, p } from '@mikro-orm/core';
import type { InvitedRole } from '../../protocol/index.js';

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  properties: {
    id: p.uuid().primary(),
    /** As the admin has typed it. */
    email: p.string().length(320),
    /** The same in lower case, by which it is found. */
    emailKey: p.string().length(320).unique(),
    role: p.string().length(20).$type<InvitedRole>(),
    // The address and no foreign key, so that the invitation stays when the account is deleted.
    inviterEmail: p.string().length(320),
    createdAt: p.bigint('number'),
    expiresAt: p.bigint('number').index(),
  },
});

/**
 * An e-mail address that waits for its first sign-in, with the role of its account. Using or withdrawing it removes the
 * row; the audit keeps both.
 */
export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);
