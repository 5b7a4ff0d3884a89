import type { PoolClient } from 'pg';

/** So many statements have names; a connection keeps the plan of each. */
const MAX_NAMES = 300;

/**
 * Gives statements with parameters a name, so that each connection parses and plans them once. Texts with values
 * written into them have no parameters: they are seldom asked for twice, and stay without.
 *
 * The program has a limited number of texts. Those that come after the first `MAX_NAMES`, such as lists of each
 * length, are sent as they are.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();

  /** From now on statements with parameters are prepared on this connection when they come first. */
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
