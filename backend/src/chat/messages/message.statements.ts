import { statement } from '../../database/sql/statement.js';

/** The columns that `messageOf` reads. */
const COLUMNS = `message.id, message.conversation_id, message.user_id, parent_id, role, text, message.status, message.model,
  run_id, message.client_message_id, input_tokens, output_tokens, cost_micros, usage_estimated, rating, error_code,
  message.request_id, message.created_at`;

/** `$1` a message; its conversation must be locked. */
export const FIND_MESSAGE = statement(`select ${COLUMNS} from conversation_history as message where id = $1`);

const ending = `
  select runs.status as run_status, runs.model as run_model, fence, ${COLUMNS}, exists (
    select 1 from budgets join users on users.id = runs.user_id
    where budgets.user_id = users.id or budgets.role = users.role
  ) as has_budget
  from runs join conversation_history as message on message.id = runs.message_id where runs.id = $1`;

/** The run `$1`, locked, and the message that it writes, for ending the run; the conversation must be locked. */
export const LOCK_RUN = statement({ sqlite: ending, postgresql: `${ending} for update of runs` });

/** `$1` a message, `$2` the conversation that it must be in. */
export const FIND_ROLE = statement('select role from conversation_history where id = $1 and conversation_id = $2');

const INSERT = `insert into conversation_history (id, conversation_id, user_id, parent_id, role, text, status, model,
  run_id, client_message_id, payload_hash, usage_estimated, created_at)`;

/** An empty reply without a new question; `$7` and `$8` identify the command that created it. */
export const INSERT_REPLY = statement(`${INSERT}
  values ($1, $2, $3, $4, 'assistant', '', 'streaming', $5, $6, $7, $8, false, $9)`);

/** A question and its empty reply; `$7` and `$8` identify the command, and are stored with the question. */
export const INSERT_QUESTION_AND_REPLY = statement(`${INSERT}
  values ($10, $2, $3, $4, 'user', $11, 'completed', null, $6, $7, $8, false, $9),
    ($1, $2, $3, $10, 'assistant', '', 'streaming', $5, $6, null, null, false, $9)`);

/** Sets a reply to `streaming` again, for another run. */
export const CONTINUE_REPLY = statement(`
  update conversation_history set status = 'streaming', run_id = $2, model = $3, error_code = null, request_id = null
  where id = $1`);

/** `$4` to `$7` are the usage of all its runs, or `null`. */
export const END_REPLY = statement(`
  update conversation_history set status = $2, text = $3, input_tokens = $4, output_tokens = $5, cost_micros = $6,
    usage_estimated = $7, error_code = $8, request_id = $9
  where id = $1`);

export const RATE = statement('update conversation_history set rating = $2 where id = $1');

/** The branch of the conversation `$1` that ends at `$2`, at most `$3` messages, oldest first, without empty ones. */
export const READ_HISTORY = statement(`
  with recursive branch (parent_id, role, text, depth) as (
    select parent_id, role, text, 1 from conversation_history where conversation_id = $1 and id = $2
    union all
    select history.parent_id, history.role, history.text, branch.depth + 1
    from branch join conversation_history history on history.id = branch.parent_id
    where branch.depth < $3
  )
  select role, text from branch where text <> '' order by depth desc`);
