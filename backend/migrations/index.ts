import type { MigrationObject } from '@mikro-orm/core';
import { Initial20261122 } from './0.1/20261122-initial.migration.js';
import { AuditOrigin20261126 } from './0.1/20261126-audit-origin.migration.js';
import { ConversationsInUse20261123 } from './0.1/20261123-conversations-in-use.migration.js';
import { Journal20261125 } from './0.1/20261125-journal.migration.js';
import { Search20261124 } from './0.1/20261124-search.migration.js';
import { PresenceSockets20261126 } from './0.1/20261126-presence-sockets.migration.js';
import { Reads20261125 } from './0.1/20261125-reads.migration.js';
import { RunNumbers20261126 } from './0.1/20261126-run-numbers.migration.js';
import { Team20261126 } from './20261126-team.migration.js';
import { UnkeptRuns20261126 } from './20261126-unkept-runs.migration.js';
import { UsedCodes20261126 } from './0.1/20261126-used-codes.migration.js';
import { LocalProvider20261126 } from './0.1/20261126-local-provider.migration.js';
import { Katakana20261126 } from './0.1/20261126-katakana.migration.js';
import { Issuers20261126 } from './20261126-issuers.migration.js';
import { PersonalTokens20261126 } from './20261126-personal-tokens.migration.js';
import { Person20261126 } from './20261126-person.migration.js';
import { Webhooks20261127 } from './20261127-webhooks.migration.js';
import { UsageMeasures20261127 } from './20261127-usage-measures.migration.js';
import { Invitations20261127 } from './20261127-invitations.migration.js';
import { AuditFilters20261127 } from './20261127-audit-filters.migration.js';
import { Budgets20261127 } from './20261127-budgets.migration.js';

/** All changes of the schema, oldest first. A released migration is never changed: add another one. */
export const MIGRATIONS: MigrationObject[] = [
  { name: '20261122-initial', class: Initial20261122 },
  { name: '20261123-conversations-in-use', class: ConversationsInUse20261123 },
  { name: '20261124-search', class: Search20261124 },
  { name: '20261125-journal', class: Journal20261125 },
  { name: '20261125-reads', class: Reads20261125 },
  { name: '20261126-run-numbers', class: RunNumbers20261126 },
  { name: '20261126-audit-origin', class: AuditOrigin20261126 },
  { name: '20261126-used-codes', class: UsedCodes20261126 },
  { name: '20261126-katakana', class: Katakana20261126 },
  { name: '20261126-presence-sockets', class: PresenceSockets20261126 },
  { name: '20261126-local-provider', class: LocalProvider20261126 },
  { name: '20261126-issuers', class: Issuers20261126 },
  { name: '20261126-team', class: Team20261126 },
  { name: '20261126-personal-tokens', class: PersonalTokens20261126 },
  { name: '20261126-unkept-runs', class: UnkeptRuns20261126 },
  { name: '20261126-person', class: Person20261126 },
  { name: '20261127-webhooks', class: Webhooks20261127 },
  { name: '20261127-usage-measures', class: UsageMeasures20261127 },
  { name: '20261127-invitations', class: Invitations20261127 },
  { name: '20261127-audit-filters', class: AuditFilters20261127 },
  { name: '20261127-budgets', class: Budgets20261127 },
];
