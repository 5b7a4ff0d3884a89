import { statement } from '../../database/sql/statement.js';
import { budgetOf } from '../budgets/budget.statements.js';
import { refusedModels } from '../../team/models/model-access.statements.js';
import { LEASE_MS } from './lease.js';

const insertRun = (now: string, greatest: string): string => `
  insert into runs (id, conversation_id, user_id, message_id, status, model, fence, owner_id, lease_until, first_seq,
    journal, journal_from, journal_run, request_id, client_message_id, payload_hash, created_at, reserved_tokens,
    reserved_micros)
  values ($1, $2, $3, $4, 'running', $5, $6, $7, ${now} + ${LEASE_MS},
    1 + ${greatest}(coalesce((select seq from stream_heads where stream = $8), 0), $9), $10, $11, $12, $13, $14, $15, $16, $17,
    $18)`;

/** Inserts a run. Its first event follows the head of the stream `$8`, which is at least `$9`. */
export const INSERT_RUN = statement({
  sqlite: insertRun(`cast(unixepoch('subsec') * 1000 as integer)`, 'max'),
  postgresql: insertRun('(extract(epoch from clock_timestamp()) * 1000)::bigint', 'greatest'),
});

const readStanding = (listed: string, object: string): string => `
  select
    (select count(*) from runs where user_id = $1 and status = 'running')
      + (select count(*) from unkept_runs where user_id = $1) as active,
    (select count(*) from runs where conversation_id = $2 and status = 'running') as answering,
    (select text from drafts where place = $3 and user_id = $1) as draft,
    (select preferences from users where id = $1) as preferences,
    (select ${listed} from (${refusedModels}) refused) as refused_models,
    (select budget_resets_at from users where id = $1) as budget_resets_at,
    (${budgetOf(object)}) as budget`;

/**
 * The data that decide whether and how a run of the user `$1` may start in the conversation `$2`, and the draft at the
 * place `$3`.
 */
export const READ_STANDING = statement({
  sqlite: readStanding('json_group_array(model)', 'json_object'),
  postgresql: readStanding(`coalesce(json_agg(model), '[]')`, 'json_build_object'),
});

/** Ends a run. The new fence keeps its worker from writing any further. */
export const END_RUN = statement('update runs set status = $2, finished_at = $3, fence = fence + 1 where id = $1');

/** Whether a run is active in the conversation `$1`. */
export const IS_ANSWERED = statement(`
  select exists (select 1 from runs where conversation_id = $1 and status = 'running') as answered`);

/** The number of runs of the message `$2` in the conversation `$1`. */
export const COUNT_ATTEMPTS = statement(`
  select count(*) as attempts from runs where conversation_id = $1 and message_id = $2`);

export const INSERT_USAGE = statement(`
  insert into usage_entries
    (run_id, user_id, model, at, input_tokens, output_tokens, cost_micros, estimated, status, failure, first_token_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`);

/** The text of the reply `$2`, if the conversation `$1` still has its provisional title. */
export const READ_UNTITLED_REPLY = statement(`
  select conversation_history.text from conversation_history
  join conversations on conversations.id = conversation_history.conversation_id
  where conversation_history.id = $2 and conversations.id = $1 and title_source = 'message' and deleted_at is null`);
