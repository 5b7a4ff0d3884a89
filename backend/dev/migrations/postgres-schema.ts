import { type Ask, assemble, type SchemaDescription } from './schema-catalogue.js';

const COLUMNS = `
  select class.relname as "table", attname as "column", format_type(atttypid, atttypmod) as type,
    attnotnull as required,
    case when attidentity <> '' then 'identity' else pg_get_expr(adbin, adrelid) end as fallback
  from pg_attribute join pg_class class on class.oid = attrelid
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm')
    and attnum > 0 and not attisdropped`;

/** Without PostgreSQL 18's own constraints for `not null`. */
const CONSTRAINTS = `
  select relname as "table", pg_get_constraintdef(constraints.oid) as rule
  from pg_constraint constraints join pg_class on pg_class.oid = conrelid
  where connamespace = current_schema()::regnamespace and contype in ('p', 'u', 'f', 'c', 'x')`;

const UNIQUE_INDEXES = `
  select relname as "table", pg_get_indexdef(indexrelid) as rule
  from pg_index join pg_class on pg_class.oid = indrelid
  where relnamespace = current_schema()::regnamespace and indisunique
    and not exists (select 1 from pg_constraint where conindid = indexrelid)`;

const TRIGGERS = `
  select relname as "table", pg_get_triggerdef(pg_trigger.oid) as rule
  from pg_trigger join pg_class on pg_class.oid = tgrelid
  where relnamespace = current_schema()::regnamespace and not tgisinternal`;

/** Describes the tables and views of the schema that a connection uses. */
export async function describePostgres(ask: Ask): Promise<SchemaDescription> {
  const columns = (await ask(COLUMNS)).map((row) => ({
    table: String(row['table']),
    column: String(row['column']),
    type: String(row['type']),
    isRequired: row['required'] === true,
    fallback: typeof row['fallback'] === 'string' ? row['fallback'] : null,
  }));
  const rules = [...(await ask(CONSTRAINTS)), ...(await ask(UNIQUE_INDEXES)), ...(await ask(TRIGGERS))];
  return assemble(
    columns,
    rules.map(({ table, rule }) => ({ table: String(table), rule: inWords(String(rule)) })),
  );
}

/** As SQLite's rules are written: key words in lower case, and without names. */
const inWords = (rule: string): string =>
  rule
    .replace(/^CREATE UNIQUE INDEX \S+ ON \S+ USING btree /, 'unique ')
    .replaceAll(/\b[A-Z]{2,}\b/g, (word) => word.toLowerCase())
    .replaceAll(/"(\w+)"/g, '$1');
