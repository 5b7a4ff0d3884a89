import { statement } from '../sql/statement.js';

/** The least that is a commit: a full disk, a file that may only be read, or a standby shows with the commit alone. */
export const WRITE_PROBE = statement(
  `insert into meta ("key", "value") values ('probed', $1) on conflict ("key") do update set "value" = excluded."value"`,
);
