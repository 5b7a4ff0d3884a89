import { defineEntity, p } from '@mikro-orm/core';
import { MAX_ANNOUNCEMENT_LENGTH, type Role, type Tone } from '../../protocol/index.js';

const AnnouncementSchema = defineEntity({
  name: 'Announcement',
  tableName: 'announcements',
  properties: {
    id: p.uuid().primary(),
    text: p.string().length(MAX_ANNOUNCEMENT_LENGTH),
    tone: p.string().length(20).$type<Tone>(),
    /** The roles that it is for. */
    roles: p.json().$type<readonly Role[]>(),
    // The address and no foreign key, so that the announcement stays when the account is deleted.
    authorEmail: p.string().length(320).nullable(),
    createdAt: p.bigint('number'),
    /** It stands until then; without a time, until it is withdrawn. */
    endsAt: p.bigint('number').nullable(),
    withdrawnAt: p.bigint('number').nullable(),
  },
});

/** A text by an admin that is shown above every page to everybody who has one of its roles. */
export class Announcement extends AnnouncementSchema.class {}
AnnouncementSchema.setClass(Announcement);
