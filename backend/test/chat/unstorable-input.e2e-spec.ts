import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ModulesContainer } from '@nestjs/core';
import { z } from 'zod';
import { Database } from '../../src/database/database.js';
import { bodies } from '../../src/protocol/http/index.js';
import { commands } from '../../src/protocol/index.js';
import { User } from '../../src/users/user.entity.js';
import { UserDirectory } from '../../src/users/admin/user-directory.js';
import { newMessage } from '../support/conversation.js';
import { inputsOf, textsIn } from '../support/input-schemas.js';
import type { TestClient } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const LONGEST = 130;
/** Of every length, so that none is refused only because of its length. */
const hostile = Array.from({ length: LONGEST }, (_none, length) =>
  ['\u0000', '\ud800', '\udc00'].map((bad) => 'a'.repeat(length) + bad),
).flat();

describe('texts that no database can store', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start();
    person = await server.signIn('Ada', 'admin');
    tab = await server.connect(person);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('are refused by the schema of every text in every command, body, query and path', () => {
    const inputs = inputsOf(server.get(ModulesContainer));
    const schemas = new Set(inputs.map(({ schema }) => schema));
    // Every schema is found, also those that handlers take as part of another.
    for (const [name, schema] of [...Object.entries(commands), ...Object.entries(bodies)]) {
      if (!schemas.has(schema)) throw new Error(`No handler takes ${name}`);
    }
    const texts = inputs.flatMap(({ place, schema }) => {
      if (!(schema instanceof z.ZodType)) throw new Error(`${place} has no schema of zod`);
      return textsIn(schema, place);
    });
    expect(texts.length).toBeGreaterThan(30);
    const careless = texts.filter(({ schema }) => hostile.some((text) => schema.safeParse(text).success));
    expect(careless.map(({ place }) => place)).toEqual([]);
  });

  it.each<[string, string, unknown, string]>([
    ['a name', '/api/profile/me', { name: 'a\u0000b' }, 'name'],
    ['half a name', '/api/profile/me', { name: 'a\ud800' }, 'name'],
    ['a name that turns its line around', '/api/profile/me', { name: 'a\u202eb' }, 'name'],
    ['a language', '/api/profile/me', { preferences: { language: 'd\u0000' } }, 'preferences.language'],
    ['a model', '/api/profile/me', { preferences: { model: '\udc00' } }, 'preferences.model'],
    ['a title', `/api/conversations/${randomUUID()}`, { title: 'a\u0000' }, 'title'],
    [
      'a system prompt',
      `/api/conversations/${randomUUID()}`,
      { settings: { systemPrompt: '\u0000' } },
      'settings.systemPrompt',
    ],
  ])('are refused by name: %s', async (_what, path, body, key) => {
    const response = await server.fetch(path, person, { method: 'PATCH', body: JSON.stringify(body) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'bad_request',
      detail: expect.stringContaining(`${key}: must`),
    });
  });

  it.each([
    '/api/admin/users?q=%00',
    '/api/admin/users?cursor=%00',
    '/api/conversations?q=a%00b',
    '/api/conversations?cursor=%00',
  ])('are refused in %s', async (path) => {
    const response = await server.fetch(path, person);
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'bad_request' }]);
  });

  it.each<[string, unknown, string]>([
    ['message:send', newMessage('a\u0000'), 'text'],
    ['message:send', { ...newMessage(), model: 'a\u0000' }, 'model'],
    ['draft:set', { conversationId: null, text: 'a\ud83d', origin: randomUUID() }, 'text'],
    ['conversation:update', { conversationId: randomUUID(), title: 'a\u2066' }, 'title'],
    ['stream:subscribe', { stream: 'a\u0000' }, 'stream'],
  ])('are refused in a command: %s', async (name, payload, key) => {
    await expect(tab.refused(name, payload)).resolves.toMatchObject({
      code: 'bad_request',
      retryable: false,
      message: expect.stringContaining(`${key}: must`),
    });
  });

  it('are bound as parameters, and do not count as an outage if they reach the database', async () => {
    const database = server.get(Database);
    const rename = database.write(async (em) => {
      const user = await em.findOneOrFail(User, { id: person.userId });
      user.preferences = { language: "d'\u0000" };
      user.name = "A'da\u0000";
      await em.flush();
    });
    const search = server.get(UserDirectory).users({ q: "A'da\u0000", limit: 1 });
    const outcomes = await Promise.allSettled([rename, search]);
    if (database.kind === 'sqlite') {
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
      await expect(database.read((em) => em.findOneOrFail(User, { id: person.userId }))).resolves.toMatchObject({
        name: "A'da\u0000",
        preferences: { language: "d'\u0000" },
      });
    } else {
      // An error of the value, not of the statement, and not a ChatError `storage`.
      const refused = { status: 'rejected', reason: expect.objectContaining({ code: expect.stringMatching(/^22/) }) };
      expect(outcomes).toMatchObject([refused, refused]);
    }
  });
});
