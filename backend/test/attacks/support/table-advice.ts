import type { Security } from '../../../src/contract/route.js';
import type { Role, TokenScope } from '../../../src/protocol/index.js';

type Table = 'routes' | 'commands';

/** What decorators and schemas say of a route or command. */
interface Described {
  readonly security: Security;
  readonly roles: readonly Role[];
  readonly scopes: readonly TokenScope[];
  /** The keys of its ids. */
  readonly ids: readonly string[];
}

const fileOf = (table: Table): string => `backend/test/attacks/access/${table}.ts`;

/** Names the line that a table lacks. */
export const missing = (table: Table, name: string, described: Described): Error =>
  new Error(
    `${name} is not listed. If this is who may call it, add this line to ${fileOf(table)}, in its order:\n` +
      `  '${name}': ${lineOf(described)},`,
  );

export const superfluous = (table: Table, name: string): Error =>
  new Error(`${name} no longer exists: remove its line from ${fileOf(table)}.`);

/** @throws Error that names what the table and the server say differently */
export function differences(table: Table, name: string, listed: Described, described: Described): void {
  const wrong = (['security', 'roles', 'scopes', 'ids'] as const).filter(
    (key) => sorted(listed[key]) !== sorted(described[key]),
  );
  if (wrong.length === 0) return;
  const said = wrong.map((key) => `${key}: ${sorted(listed[key])} is listed, ${sorted(described[key])} is served`);
  throw new Error(
    `${name} is not as listed (${said.join('; ')}). If the server is right, its line in ${fileOf(table)} is:\n` +
      `  '${name}': ${lineOf(described)},`,
  );
}

const sorted = (value: string | readonly string[]): string =>
  typeof value === 'string' ? value : value.toSorted().join(', ');

function lineOf({ security, roles, scopes, ids }: Described): string {
  const parts = [
    ...(scopes.length > 0 ? [`scopes: [${scopes.map((scope) => `'${scope}'`).join(', ')}]`] : []),
    ...(ids.length > 0
      ? [`ids: { ${ids.map((key) => `${quoted(key)}: '<what it names, see access.ts>'`).join(', ')} }`]
      : []),
  ];
  return `${nameOf(security, roles)}(${parts.length > 0 ? `{ ${parts.join(', ')} }` : ''})`;
}

const quoted = (key: string): string => (/^\w+$/.test(key) ? key : `'${key}'`);

function nameOf(security: Security, roles: readonly Role[]): string {
  if (security !== 'accessToken') return security;
  if (roles.includes('pending')) return 'everyRole';
  return roles.includes('user') ? 'users' : 'admins';
}
