import { statement } from '../../database/sql/statement.js';

/** Gives the identities of issuer `$1` to issuer `$2`, except for subjects that have signed in there already. */
export const ADOPT_IDENTITIES = statement(`
  update identities set issuer = $2
  where issuer = $1 and subject not in (select subject from identities where issuer = $2)
  returning 1 as adopted`);

export const COUNT_IDENTITIES = statement('select count(*) as count from identities where issuer = $1');

export const ADOPT_SESSIONS = statement('update sessions set issuer = $2 where issuer = $1 returning 1 as adopted');

export const ADOPT_ROLES = statement('update users set role_issuer = $2 where role_issuer = $1 returning 1 as adopted');
