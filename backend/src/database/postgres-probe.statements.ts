import { statement } from './statement.js';

/** The least that is a commit: `[value]`. */
export const PROBE_COMMIT = statement(
  `insert into meta ("key", "value") values ('probed', $1) on conflict ("key") do update set "value" = excluded."value"`,
);
