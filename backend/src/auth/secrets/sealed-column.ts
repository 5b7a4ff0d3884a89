import { type Statement, statement } from '../../database/sql/statement.js';

/** How many values are read together. */
export const READ_AT_ONCE = 100;

/** The statements for a column with texts that a `Seal` has encrypted. The key of its table is a UUID. */
export interface SealedColumn {
  /** The values after the id `$1`, in the order of the ids. */
  readonly read: Statement;
  /** Replaces the value of the row `$2` by `$1`, if it is still `$3`. */
  readonly replace: Statement;
}

export const readColumn = (table: string, column: string): Statement =>
  statement(
    `select id, ${column} as sealed from ${table} where ${column} is not null and id > $1 order by id limit ${READ_AT_ONCE}`,
  );

export const replaceColumn = (table: string, column: string): Statement =>
  statement(`update ${table} set ${column} = $1 where id = $2 and ${column} = $3`);
