import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';

const DraftSchema = defineEntity({
  name: 'Draft',
  tableName: 'drafts',
  properties: {
    /** The conversation, or the user for the one that has not begun. */
    place: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    text: p.text(),
    /** The tab that wrote it. */
    origin: p.uuid(),
    at: p.bigint('number'),
  },
});

/** What stands in a composer, so that it follows its writer to another device. */
export class Draft extends DraftSchema.class {}
DraftSchema.setClass(Draft);
