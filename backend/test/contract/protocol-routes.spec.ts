import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { controllers } from '../../src/contract/controllers.js';
import { MEANINGS } from '../../src/contract/problems.js';
import { readRoutes } from '../../src/contract/read-routes.js';
import type { Route } from '../../src/contract/route.js';
import { STATUS_OF } from '../../src/protocol/http/index.js';
import { ERROR_CODES, isRetryable, TOKEN_SCOPES } from '../../src/protocol/index.js';
import { bare, keysOf, keysOfSchema, rowsBelow } from '../support/protocol-tables.js';

const routes = readRoutes(controllers());

/** A route as a row of a table has it: `PATCH /api/profile/me {name?, preferences?}`. */
interface Documented {
  readonly name: string;
  readonly query: readonly string[];
  readonly body: readonly string[] | undefined;
  readonly who: string;
  readonly answer: string;
}

const documented: readonly Documented[] = ['### Signing in', '### Everything else'].flatMap((heading) =>
  rowsBelow(heading)
    .slice(2)
    .flatMap(([cell = '', who = '', answer = '']) =>
      [...cell.matchAll(/`([A-Z]+) ([^`?\s]+)(?:\?(\S*?))?(?: (\{[^`]*\}))?`/g)].map(
        ([, method, path, query = '', body]) => ({
          name: `${method} ${path}`,
          query: query.split('&').flatMap((part) => /^\w+/.exec(part)?.[0] ?? []),
          body: body === undefined ? undefined : keysOf(`\`${body}\``),
          who: bare(who),
          answer,
        }),
      ),
    ),
);

const routeOf = ({ name }: Documented): Route => {
  const route = routes.find(({ method, path }) => `${method} ${path}` === name);
  if (!route) throw new Error(`There is no route ${name}`);
  return route;
};

/** What the tables call who may ask. */
function whoMay({ security, roles }: Route): RegExp {
  if (security === 'anyone') return /^(anyone|the provider)$/;
  if (security === 'refreshCookie') return /^the cookie$/;
  if (security === 'metricsToken') return /^METRICS_TOKEN as bearer$/;
  if (roles.includes('pending')) return /^any role$/;
  return roles.includes('user') ? /^(user, admin|its owner)$/ : /^admin$/;
}

/** The schemas of JSON that an answer of success has. */
const successesOf = ({ answers }: Route): readonly z.ZodType[] =>
  Object.entries(answers).flatMap(([status, answer]) => {
    if (Number(status) >= 300) return [];
    const found = answer instanceof z.ZodType ? answer : answer.content?.['application/json'];
    return found instanceof z.ZodUnion ? (found.options as z.ZodType[]) : (found ?? []);
  });

/** The item of a list. */
function itemOf(schema: z.ZodType): z.ZodType | undefined {
  const { items } = (schema as { readonly shape?: Readonly<Record<string, z.ZodType>> }).shape ?? {};
  const list = items instanceof z.ZodReadonly ? items.unwrap() : items;
  return list instanceof z.ZodArray ? (list.element as z.ZodType) : undefined;
}

describe('docs/protocol.md', () => {
  it('names each route once', () => {
    const known = routes.map(({ method, path }) => `${method} ${path}`);
    expect(documented.map(({ name }) => name).sort()).toEqual(known.sort());
  });

  it.each(documented.map((row) => [row.name, row] as const))('says what %s takes, and who may ask', (_name, row) => {
    const route = routeOf(row);
    const query = route.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    // What the provider sends along is its own affair.
    if (row.who !== 'the provider') expect([...row.query].sort()).toEqual(query.sort());
    expect(row.body).toEqual(route.body && keysOfSchema(route.body));
    expect(row.who).toMatch(whoMay(route));
  });

  it.each(documented.flatMap((row) => (keysOf(row.answer) ? [[row.name, row] as const] : [])))(
    'says what %s answers',
    (_name, row) => {
      const schemas = successesOf(routeOf(row)).flatMap((schema) => [schema, itemOf(schema) ?? []].flat());
      expect(schemas.map(keysOfSchema)).toContainEqual(keysOf(row.answer));
    },
  );

  it('lists the routes that accept each scope of an access token', () => {
    const rows = rowsBelow('### Everything else').filter(([scope]) => TOKEN_SCOPES.some((one) => one === bare(scope)));
    expect(
      rows.map(([scope, listed = '']) => [
        bare(scope),
        [...listed.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).toSorted(),
      ]),
    ).toEqual(
      TOKEN_SCOPES.map((scope) => [
        scope,
        routes
          .filter(({ scopes }) => scopes.includes(scope))
          .map(({ method, path }) => `${method} ${path}`)
          .sort(),
      ]),
    );
  });

  it('says of each code what it is answered with over HTTP, whether again helps, and what it means', () => {
    const rows = rowsBelow('## Errors').slice(2);
    expect(rows.map((row) => row.map(bare))).toEqual(
      ERROR_CODES.map((code) => [
        code,
        String(STATUS_OF[code]),
        isRetryable(code) ? 'yes' : 'no',
        bare(MEANINGS[code]),
      ]),
    );
  });
});
