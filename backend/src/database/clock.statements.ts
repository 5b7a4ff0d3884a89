import { statement } from './sql/statement.js';

/** The time of the database, in milliseconds since 1970. */
export const DATABASE_TIME = statement({
  sqlite: `select cast(unixepoch('subsec') * 1000 as integer) as time`,
  postgresql: 'select extract(epoch from clock_timestamp()) * 1000 as time',
});
