import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';
import { Announcement } from './announcement.entity.js';

const DismissedAnnouncementSchema = defineEntity({
  name: 'DismissedAnnouncement',
  tableName: 'dismissed_announcements',
  properties: {
    userId: () =>
      p
        .manyToOne(User)
        .mapToPk()
        .fieldName('user_id')
        .deleteRule('cascade')
        .updateRule('no action')
        .index(false)
        .primary(),
    announcementId: () =>
      p
        .manyToOne(Announcement)
        .mapToPk()
        .fieldName('announcement_id')
        .deleteRule('cascade')
        .updateRule('no action')
        .index()
        .primary(),
    dismissedAt: p.bigint('number'),
  },
});

/** A user has closed an announcement: it is not shown to them again, in any tab or on any device. */
export class DismissedAnnouncement extends DismissedAnnouncementSchema.class {}
DismissedAnnouncementSchema.setClass(DismissedAnnouncement);
