/** What statements depend on in the schema of a database. Names of constraints are left out, and the order of columns. */
export interface SchemaDescription {
  readonly [table: string]: TableDescription;
}

export interface TableDescription {
  /** By name: the type, `not null`, and `default ...`, in this order. */
  readonly columns: Readonly<Record<string, string>>;
  /** Keys and constraints in SQL, sorted: `primary key (...)`, `unique (...)`, `foreign key ...`, `check ...`. */
  readonly rules: readonly string[];
}

/** A row of either catalogue. */
export interface CatalogueColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** An expression, or how the database itself makes the value. */
  readonly fallback: string | null;
}

/** Runs one statement of a catalogue query. */
export type Ask = (statement: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** The table in which the migrator remembers what it has done. */
const MIGRATOR_TABLE = 'migrations';

/** Puts the rows of a catalogue together. */
export function assemble(
  columns: readonly CatalogueColumn[],
  rules: readonly { readonly table: string; readonly rule: string }[],
): SchemaDescription {
  const names = [...new Set(columns.map(({ table }) => table))].filter((name) => name !== MIGRATOR_TABLE).sort();
  return Object.fromEntries(
    names.map((name) => {
      const own = columns.filter(({ table }) => table === name).sort((a, b) => (a.column < b.column ? -1 : 1));
      return [
        name,
        {
          columns: Object.fromEntries(own.map((column) => [column.column, inWords(column)])),
          rules: rules.flatMap(({ table, rule }) => (table === name ? rule : [])).sort(),
        },
      ];
    }),
  );
}

const inWords = ({ type, isRequired, fallback }: CatalogueColumn): string =>
  [type, ...(isRequired ? ['not null'] : []), ...(fallback === null ? [] : [`default ${fallback}`])].join(' ');
