import { statement } from '../database/sql/statement.js';

/** The user `$1` as the user sees it. */
export const READ_USER = statement(
  'select id, email, name, picture_hash, role, preferences, personal, budget_resets_at from users where id = $1',
);

/** What the user `$1` wrote for the model. */
export const READ_PERSONAL = statement('select personal from users where id = $1');

/** The users with an open tab anywhere, in the order of their ids. */
export const READ_ONLINE = statement('select distinct user_id from presence order by user_id');
