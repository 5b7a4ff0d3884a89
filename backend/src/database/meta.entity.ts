import { defineEntity, p } from '@mikro-orm/core';

const MetaSchema = defineEntity({
  name: 'Meta',
  tableName: 'meta',
  properties: {
    key: p.string().length(50).primary(),
    value: p.string().length(200),
  },
});

/** Facts about the database itself: `epoch` identifies its state, and changes when a backup is restored. */
export class Meta extends MetaSchema.class {}
MetaSchema.setClass(Meta);
