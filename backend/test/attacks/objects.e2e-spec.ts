import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { z } from 'zod';
import { TestServer } from '../support/test-server.js';
import type { Access, IdKind } from './access/access.js';
import { COMMANDS } from './access/commands.js';
import { ROUTES } from './access/routes.js';
import { createOwner, type Owner, type OwnedKind } from './support/belongings.js';
import { type Attack, attacks } from './support/family.js';
import { liveCommands, type LiveRoute, liveRoutes } from './support/generated.js';
import { rowsAbout } from './support/rows.js';
import { leastOf, sampleOf, withId } from './support/samples.js';

/*
 * Broken access to objects (BOLA, IDOR): every id that a route or command takes is that of another person. The answer has
 * to be that for an id that does not exist (`A3`), and nothing of the other person may change.
 */
const stops = attacks('objects');

let server: TestServer;
let victim: Owner;
let attacker: Owner;
beforeAll(async () => {
  server = await TestServer.start();
  victim = await createOwner(server, 'Victim');
  attacker = await createOwner(server, 'Mallory');
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const isOwned = (kind: IdKind): boolean => kind !== 'shared' && kind !== 'chosen';
const ownedKind = (kind: IdKind): OwnedKind => (kind === 'new or conversation' ? 'conversation' : (kind as OwnedKind));

/** The ids of an attack: another id for one key, the attacker's own for the others; those in the path are needed. */
function idsFor(ids: Access['ids'], attacked: string, id: string, hasOthers: boolean): [string, string][] {
  return Object.entries(ids).flatMap(([key, kind]): [string, string][] => {
    if (key === attacked) return [[key, id]];
    if (!hasOthers && key !== 'id') return [];
    return [[key, isOwned(kind) ? attacker.ids[ownedKind(kind)] : randomUUID()]];
  });
}

/** What is compared of an answer: everything but the id of the request, and the id that was asked for. */
const comparable = (answer: unknown, id: string): string =>
  JSON.stringify(answer)
    .replaceAll(/"requestId":"[^"]*"/g, '')
    .replaceAll(id, 'ID');

const words = (): string[] => [victim.person.userId, ...Object.values(victim.ids), victim.runningConversation];

/** Requests with the id of the victim and with one that does not exist. */
async function compare(
  key: string,
  kind: IdKind,
  ask: (id: string) => Promise<{ readonly isRefused: boolean; readonly code: unknown; readonly answer: unknown }>,
): Promise<void> {
  const theirs = victim.ids[ownedKind(kind)];
  const before = await rowsAbout(server, words());
  const answer = await ask(theirs);
  expect({ key, ...answer }).toMatchObject({ key, isRefused: true });
  expect(await rowsAbout(server, words())).toBe(before);
  if (kind === 'new or conversation') {
    expect(answer.code).toBe('not_found');
    return;
  }
  const none = randomUUID();
  const unknown = await ask(none);
  expect(comparable(answer.answer, theirs)).toBe(comparable(unknown.answer, none));
}

type Sample = (schema: z.ZodType) => unknown;

async function askRoute(route: LiveRoute, ids: readonly [string, string][], token: string, sample: Sample) {
  let { path } = route;
  const query = new URLSearchParams();
  let body = route.body && sample(route.body);
  for (const [key, id] of ids) {
    const parameter = route.parameters.find(({ name }) => name === key);
    if (parameter?.in === 'path') path = path.replace(`:${key}`, id);
    else if (parameter) query.set(key, id);
    else if (key.startsWith('metadata.')) body = { ...(body as object), metadata: { [key.slice(9)]: id } };
    else body = withId(body, key, id);
  }
  const init = { method: route.method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await server.fetch(`${path}?${query.toString()}`, { token }, init);
  const answer = (await response.json().catch(() => '')) as { code?: unknown; error?: { code?: unknown } };
  return {
    isRefused: response.status >= 400 && response.status < 500,
    code: answer.code ?? answer.error?.code,
    answer: [response.status, answer],
  };
}

/** Each id alone, with only the required keys beside it, and together with the attacker's own ids. */
const SAMPLES: readonly (readonly [string, Sample])[] = [
  ['everything else being right', sampleOf],
  ['nothing else', leastOf],
];

async function attackRoutes(attack: Attack, token: string, fits: (access: Access) => boolean): Promise<void> {
  for (const route of liveRoutes()) {
    const access = ROUTES[route.name];
    if (!access || !fits(access)) continue;
    for (const [key, kind] of Object.entries(access.ids).filter(([, one]) => isOwned(one))) {
      for (const [what, sample] of SAMPLES) {
        await attack(`${route.name} with ${key} of another person and ${what}`, () =>
          compare(key, kind, (id) => askRoute(route, idsFor(access.ids, key, id, sample !== leastOf), token, sample)),
        );
      }
    }
  }
}

stops('a session that names what belongs to another person over HTTP', (attack) =>
  attackRoutes(attack, attacker.person.token, () => true),
);

stops('a personal access token that names what belongs to another person', (attack) =>
  attackRoutes(attack, attacker.token, ({ scopes }) => scopes.length > 0),
);

stops('a command that names what belongs to another person', async (attack) => {
  for (const { name, payload } of liveCommands(server)) {
    const { ids = {} } = COMMANDS[name] ?? {};
    for (const [key, kind] of Object.entries(ids).filter(([, one]) => isOwned(one))) {
      for (const [what, sample] of SAMPLES) {
        await attack(`${name} with ${key} of another person and ${what}`, () =>
          compare(key, kind, async (id) => {
            const chosen = idsFor(ids, key, id, sample !== leastOf);
            const whole = chosen.reduce<unknown>(
              (one, [at, value]) => withId(one, at, value),
              payload && sample(payload),
            );
            const reply = await attacker.tab.raw(name, whole);
            return { isRefused: !reply.ok, code: reply.ok ? undefined : reply.error.code, answer: reply };
          }),
        );
      }
    }
  }
});
