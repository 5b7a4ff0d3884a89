import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../user.entity.js';

const PictureSchema = defineEntity({
  name: 'Picture',
  tableName: 'pictures',
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
    /** The address that it was fetched from. */
    source: p.string().length(2000),
    /** One of `PICTURE_TYPES`, by its first bytes. */
    contentType: p.string().length(20),
    /** SHA-256 of the bytes, base64url. */
    hash: p.string().length(43),
    bytes: p.blob(),
    fetchedAt: p.bigint('number'),
  },
});

/** The picture of a user, as the provider served it; at most 1 MiB. */
export class Picture extends PictureSchema.class {}
PictureSchema.setClass(Picture);
