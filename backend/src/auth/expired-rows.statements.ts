import { statement } from '../database/sql/statement.js';

/* Each of these removes at most `$2` rows that expired before `$1`, and returns a row for each removed one. */

export const REMOVE_CODES = statement(`
  delete from login_codes
  where code_hash in (select code_hash from login_codes where expires_at < $1 limit $2) returning 1 as gone`);

export const REMOVE_STATES = statement(`
  delete from used_states
  where state_hash in (select state_hash from used_states where expires_at < $1 limit $2) returning 1 as gone`);

export const REMOVE_EXPIRED_SESSIONS = statement(`
  delete from sessions
  where id in (select id from sessions where expires_at < $1 limit $2) returning 1 as gone`);

export const REMOVE_ENDED_SESSIONS = statement(`
  delete from sessions
  where id in (select id from sessions where ended_at < $1 limit $2) returning 1 as gone`);

export const REMOVE_EXPIRED_TOKENS = statement(`
  delete from personal_tokens
  where id in (select id from personal_tokens where expires_at < $1 limit $2) returning 1 as gone`);

export const REMOVE_OLD_INVITATIONS = statement(`
  delete from invitations
  where id in (select id from invitations where expires_at < $1 limit $2) returning 1 as gone`);

export const REMOVE_OLD_AUDIT = statement(`
  delete from audit where id in (select id from audit where at < $1 limit $2) returning 1 as gone`);
