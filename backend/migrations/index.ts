import type { MigrationObject } from '@mikro-orm/core';
import { Initial20261122 } from './20261122-initial.migration.js';
import { ConversationsInUse20261123 } from './20261123-conversations-in-use.migration.js';

/** Every change of the schema, oldest first. A migration that was released is never edited: add another. */
export const MIGRATIONS: MigrationObject[] = [
  { name: '20261122-initial', class: Initial20261122 },
  { name: '20261123-conversations-in-use', class: ConversationsInUse20261123 },
];
