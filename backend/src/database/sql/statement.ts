/** The values of a statement. Lists and records are passed as JSON text, which both databases can process. */
export type SqlValue = string | number | bigint | boolean | null;

/**
 * A row as the driver returns it: PostgreSQL's returns 64-bit numbers as text, SQLite's returns booleans as numbers.
 */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A plain SQL statement that is prepared once and run many times. Made by `statement`. */
export interface Statement {
  /** With `$1`, `$2` ... as placeholders. */
  readonly postgresql: string;
  /** With `?` as placeholders. */
  readonly sqlite: string;
  /** The index of the value of each `?`. */
  readonly order: readonly number[];
}

/**
 * Defines a statement that runs too often for an ORM or a query builder. Values are `$1`, `$2` ... and are bound, never
 * written into the text. Statements are defined in files `*.statements.ts`: a test prepares each of them against the
 * schema of the entities.
 *
 * @param text the same for both databases, or one for each
 */
export function statement(text: string | { readonly sqlite: string; readonly postgresql: string }): Statement {
  const texts = typeof text === 'string' ? { sqlite: text, postgresql: text } : text;
  const order: number[] = [];
  const sqlite = texts.sqlite.replaceAll(/\$(\d+)/g, (_place, number: string) => {
    order.push(Number(number) - 1);
    return '?';
  });
  return { postgresql: texts.postgresql, sqlite, order };
}

/** The values of a statement in the order in which SQLite binds them. */
export const sqliteValues = ({ order }: Statement, values: readonly SqlValue[]): (string | number | bigint | null)[] =>
  order.map((index) => {
    const value = values[index] ?? null;
    return typeof value === 'boolean' ? Number(value) : value;
  });

/** A statement with its values. */
export type Query = readonly [statement: Statement, values: readonly SqlValue[]];

/**
 * A transaction as a generator: it yields one query after another and gets the rows of each. On SQLite `Database.steps`
 * runs it synchronously.
 */
export type Steps<T> = Generator<Query, T, readonly SqlRow[]>;
