import { statement } from '../sql/statement.js';

/** A minimal write: only a commit shows a full disk, a read-only file or a standby. */
export const WRITE_PROBE = statement(
  `insert into meta ("key", "value") values ('probed', $1) on conflict ("key") do update set "value" = excluded."value"`,
);
