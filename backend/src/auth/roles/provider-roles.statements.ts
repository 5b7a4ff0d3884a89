import { statement } from '../../database/sql/statement.js';

/** Notes at `$2` that the provider of a session is asked, unless that was after `$3`; returns what it is asked with. */
export const CLAIM_ASKING = statement(`
  update sessions set provider_asked_at = $2
  where id = $1 and ended_at is null and expires_at > $2 and provider_tokens is not null and issuer is not null
    and (provider_asked_at is null or provider_asked_at <= $3)
  returning issuer, provider_tokens`);

/** Keeps the tokens for the next time; a session that has ended meanwhile has none. */
export const KEEP_TOKENS = statement(`
  update sessions set provider_tokens = $2 where id = $1 and ended_at is null returning 1 as kept`);
