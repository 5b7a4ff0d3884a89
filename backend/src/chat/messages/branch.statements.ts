import { statement } from '../../database/sql/statement.js';

const children = (parent: string): string => `
  select string_agg(cast(child.id as text), ',' order by child.created_at, child.id) from conversation_history child
  where child.conversation_id = $1 and child.parent_id ${parent}`;

/**
 * The messages from `$2` towards the root in the conversation `$1`, oldest first, at most `$3`. `siblings` has the ids
 * of all children of the message's parent, oldest first, separated by commas. No rows when `$2` is not in the
 * conversation.
 */
export const READ_BRANCH = statement(`
  with recursive branch (id, parent_id, depth) as (
    select id, parent_id, 1 from conversation_history where conversation_id = $1 and id = $2
    union all
    select history.id, history.parent_id, branch.depth + 1
    from branch join conversation_history history on history.id = branch.parent_id
    where branch.depth < $3
  )
  select message.id, message.conversation_id, message.user_id, message.parent_id, message.role, message.text,
    message.status, message.model, message.run_id, message.client_message_id, message.input_tokens,
    message.output_tokens, message.cost_micros, message.usage_estimated, message.rating, message.error_code,
    message.request_id, message.created_at,
    case when message.parent_id is null then (${children('is null')}) else (${children('= message.parent_id')}) end
      as siblings
  from branch join conversation_history message on message.id = branch.id
  order by branch.depth desc`);
