import type { SqlRow } from '../../database/sql/statement.js';
import { toBoolean, toJson, toNumber, toNumberOrNull } from '../../database/sql/sql-values.js';
import type { ConversationSettings } from '../../protocol/index.js';
import type { Conversation } from './conversation.entity.js';

/** A row of `conversations`, read without the ORM: changes to it are only saved by another statement. */
export interface ConversationRow {
  readonly id: string;
  readonly userId: string;
  title: string;
  readonly titleSource: Conversation['titleSource'];
  readonly pinned: boolean;
  readonly archived: boolean;
  /** The last message of the branch in view. */
  leafId: string | null;
  readonly settings: ConversationSettings;
  inputTokens: number;
  outputTokens: number;
  costMicros: number | null;
  usageEstimated: boolean;
  readonly createdAt: number;
  updatedAt: number;
}

/** Converts a row with the columns of `conversation.statements.ts`. */
export const conversationOf = (row: SqlRow): ConversationRow => ({
  id: row['id'] as string,
  userId: row['user_id'] as string,
  title: row['title'] as string,
  titleSource: row['title_source'] as Conversation['titleSource'],
  pinned: toBoolean(row['pinned']),
  archived: toBoolean(row['archived']),
  leafId: row['leaf_id'] as string | null,
  settings: toJson(row['settings']) as ConversationSettings,
  inputTokens: toNumber(row['input_tokens']),
  outputTokens: toNumber(row['output_tokens']),
  costMicros: toNumberOrNull(row['cost_micros']),
  usageEstimated: toBoolean(row['usage_estimated']),
  createdAt: toNumber(row['created_at']),
  updatedAt: toNumber(row['updated_at']),
});
