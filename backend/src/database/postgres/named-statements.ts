import type { PoolClient } from 'pg';

/** The highest number of named statements; each connection keeps the plans of all. */
const MAX_NAMES = 300;

/**
 * Gives names to statements with parameters, so that each connection parses and plans them once. Texts without
 * parameters have their values written into them and are rarely repeated, so they get no names.
 *
 * The number of texts is limited. After the first `MAX_NAMES`, further ones, such as lists of each length, are sent
 * without a name.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();

  /** Makes a connection prepare statements with parameters at their first use. */
  nameStatementsOf(client: PoolClient): void {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const named = (first: unknown, values: unknown, ...rest: unknown[]): unknown => {
      const isPlain = typeof first === 'string' && Array.isArray(values) && values.length > 0;
      const name = isPlain ? this.nameOf(first) : undefined;
      return name === undefined ? query(first, values, ...rest) : query({ name, text: first, values }, ...rest);
    };
    client.query = named as PoolClient['query'];
  }

  private nameOf(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= MAX_NAMES) return known;
    const name = `lockstep_${this.names.size}`;
    this.names.set(text, name);
    return name;
  }
}
