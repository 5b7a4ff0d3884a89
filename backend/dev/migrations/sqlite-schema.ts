import { type Ask, assemble, type CatalogueColumn, type SchemaDescription } from './schema-catalogue.js';

interface TableRule {
  readonly table: string;
  readonly rule: string;
}

/** Without the shadow tables of virtual ones, and SQLite's own. */
const TABLES = `select name from pragma_table_list
  where schema = 'main' and type in ('table', 'virtual', 'view') and name not like 'sqlite%'`;

/** Describes the tables and views of the file. */
export async function describeSqlite(ask: Ask): Promise<SchemaDescription> {
  const columns: CatalogueColumn[] = [];
  const rules: TableRule[] = [];
  for (const table of (await ask(TABLES)).map(({ name }) => String(name))) {
    const own = await columnsOf(ask, table);
    columns.push(...own.map(({ keyAt: _keyAt, ...column }) => column));
    const key = own.filter(({ keyAt }) => keyAt > 0).sort((a, b) => a.keyAt - b.keyAt);
    if (key.length > 0) rules.push({ table, rule: `primary key (${key.map(({ column }) => column).join(', ')})` });
    rules.push(...(await uniqueRules(ask, table)), ...(await foreignRules(ask, table)), ...(await written(ask, table)));
  }
  return assemble(columns, rules);
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

async function columnsOf(ask: Ask, table: string): Promise<(CatalogueColumn & { readonly keyAt: number })[]> {
  // Hidden ones are those of a virtual table itself; generated ones are 2 and 3.
  const rows = await ask(`select * from pragma_table_xinfo('${table}') where hidden <> 1`);
  return rows.map((row) => ({
    table,
    column: String(row['name']),
    type: String(row['type']).toLowerCase(),
    isRequired: Number(row['notnull']) === 1,
    fallback: Number(row['hidden']) > 1 ? 'generated' : textOf(row['dflt_value']),
    keyAt: Number(row['pk']),
  }));
}

async function uniqueRules(ask: Ask, table: string): Promise<TableRule[]> {
  const indexes = await ask(
    `select name, partial from pragma_index_list('${table}') where "unique" = 1 and origin <> 'pk'`,
  );
  const found: TableRule[] = [];
  for (const { name, partial } of indexes) {
    const columns = await ask(
      `select coalesce(name, 'an expression') as name from pragma_index_info('${String(name)}')`,
    );
    const some = Number(partial) === 1 ? ' of some rows' : '';
    found.push({ table, rule: `unique (${columns.map((column) => String(column['name'])).join(', ')})${some}` });
  }
  return found;
}

async function foreignRules(ask: Ask, table: string): Promise<TableRule[]> {
  const rows = await ask(`select * from pragma_foreign_key_list('${table}') order by id, seq`);
  return [...Map.groupBy(rows, ({ id }) => id).values()].map((key) => {
    const [first] = key;
    const names = (end: string): string => key.map((row) => textOf(row[end]) ?? 'id').join(', ');
    const target = `foreign key (${names('from')}) references ${String(first?.['table'])}(${names('to')})`;
    const then = String(first?.['on_delete']).toLowerCase();
    return { table, rule: then === 'no action' ? target : `${target} on delete ${then}` };
  });
}

/** What only the text of the definition has: checks, and the triggers of a table. */
async function written(ask: Ask, table: string): Promise<TableRule[]> {
  const rows = await ask(
    `select type, sql from sqlite_schema where tbl_name = '${table}' and type in ('table', 'trigger')`,
  );
  return rows.flatMap(({ type, sql }) => {
    const text = String(sql)
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/"(\w+)"/g, '$1');
    return type === 'trigger' ? [{ table, rule: text.toLowerCase() }] : checksIn(text).map((rule) => ({ table, rule }));
  });
}

function checksIn(definition: string): string[] {
  return [...definition.matchAll(/\bcheck\s*\(/gi)].map(({ 0: begin, index }) => {
    const from = index + begin.length;
    let depth = 1;
    let to = from;
    for (; to < definition.length && depth > 0; to += 1) {
      if (definition[to] === '(') depth += 1;
      if (definition[to] === ')') depth -= 1;
    }
    return `check (${definition.slice(from, to)}`;
  });
}
