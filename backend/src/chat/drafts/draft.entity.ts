import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';

const DraftSchema = defineEntity({
  name: 'Draft',
  tableName: 'drafts',
  properties: {
    /** The id of the conversation, or that of the user for the draft of a new conversation. */
    place: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    text: p.text(),
    /** The id of the tab that wrote it. */
    origin: p.uuid(),
    at: p.bigint('number'),
  },
});

/** The unsent text of a composer, which is shown on all devices of the user. */
export class Draft extends DraftSchema.class {}
DraftSchema.setClass(Draft);
