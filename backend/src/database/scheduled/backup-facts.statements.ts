import { statement } from '../sql/statement.js';

/** Takes the claim to make a backup until the time `$1`, if the last one ended before now (`$2`). Returns a row if so. */
export const TAKE_CLAIM = statement(
  `insert into meta ("key", "value") values ('backup_claim', $1)
   on conflict ("key") do update set "value" = excluded."value" where cast(meta."value" as bigint) < $2
   returning "value"`,
);

/** Changes the claim `$2` to `$1`. */
export const CHANGE_CLAIM = statement(`update meta set "value" = $1 where "key" = 'backup_claim' and "value" = $2`);

export const READ_FACTS = statement(`select "key", "value" from meta where "key" in ('backup_done', 'backup_failed')`);

export const SET_FACT = statement(
  `insert into meta ("key", "value") values ($1, $2) on conflict ("key") do update set "value" = excluded."value"`,
);
