import { statement } from '../../database/sql/statement.js';

const found = (condition: string): string => `
  select token.id, token.user_id, token.scopes, token.last_used_at, users.role
  from personal_tokens token join users on users.id = token.user_id
  where ${condition} and (token.expires_at is null or token.expires_at > $2) and not users.disabled`;

/** The token with the hash `$1`, if it is valid at the time `$2`, with the role of its user. */
export const FIND_BY_HASH = statement(found('token.token_hash = $1'));

/** The same by the id `$1`, for a request that goes on. */
export const FIND_BY_ID = statement(found('token.id = $1'));

/** Notes that the token `$1` was used at `$2`, unless its last known use is later than `$3`. */
export const NOTE_USE = statement(`
  update personal_tokens set last_used_at = $2
  where id = $1 and (last_used_at is null or last_used_at < $3) returning 1 as noted`);
