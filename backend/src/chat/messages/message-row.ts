import type { SqlRow } from '../../database/sql/statement.js';
import { toBoolean, toNumber, toNumberOrNull } from '../../database/sql/sql-values.js';
import type { Message as MessageView } from '../../protocol/index.js';
import type { Message } from './message.entity.js';

/** A row of `conversation_history`, read without the ORM: changes to it are only saved by another statement. */
export interface MessageRow {
  readonly id: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly parentId: string | null;
  readonly role: MessageView['role'];
  readonly text: string;
  readonly status: MessageView['status'];
  readonly model: string | null;
  readonly runId: string | null;
  readonly clientMessageId: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  costMicros: number | null;
  usageEstimated: boolean;
  readonly rating: Message['rating'];
  readonly errorCode: Message['errorCode'];
  readonly requestId: string | null;
  readonly createdAt: number;
}

/** Converts a row with the columns of `message.statements.ts`. */
export const messageOf = (row: SqlRow): MessageRow => ({
  id: row['id'] as string,
  conversationId: row['conversation_id'] as string,
  userId: row['user_id'] as string,
  parentId: row['parent_id'] as string | null,
  role: row['role'] as MessageView['role'],
  text: row['text'] as string,
  status: row['status'] as MessageView['status'],
  model: row['model'] as string | null,
  runId: row['run_id'] as string | null,
  clientMessageId: row['client_message_id'] as string | null,
  inputTokens: toNumberOrNull(row['input_tokens']),
  outputTokens: toNumberOrNull(row['output_tokens']),
  costMicros: toNumberOrNull(row['cost_micros']),
  usageEstimated: toBoolean(row['usage_estimated']),
  rating: row['rating'] as Message['rating'],
  errorCode: row['error_code'] as Message['errorCode'],
  requestId: row['request_id'] as string | null,
  createdAt: toNumber(row['created_at']),
});
