import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConversationsService } from '../../src/chat/conversations/conversations.service.js';
import { conversationQuery } from '../../src/chat/search/conversation-search.js';
import { ExportService } from '../../src/chat/conversations/export.service.js';
import { Database } from '../../src/database/database.js';
import type { Principal } from '../../src/common/handlers/principal.js';
import { UserDirectory, usersQuery } from '../../src/users/admin/user-directory.js';
import { User } from '../../src/users/user.entity.js';
import { begin, lastText, stateOf } from '../support/conversation.js';
import { type TestClient } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

/** More than either database has connections for reading. */
const MANY = 8;

describe('long reads', () => {
  let server: TestServer;
  let database: Database;
  let person: TestPerson;
  let principal: Principal;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start();
    database = server.get(Database);
    person = await server.signIn('Ada');
    principal = { userId: person.userId, sessionId: person.sessionId, role: 'user' };
    tab = await server.connect(person);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('are answered while the writing connection is in use', async () => {
    const { conversationId, stream } = await begin(tab, 'Where do quokkas live?');
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    const held = Promise.withResolvers<void>();
    const holding = database.transaction(() => held.promise);
    const conversations = server.get(ConversationsService);
    for (const q of [undefined, 'quokkas']) {
      const { items } = await conversations.list(principal, conversationQuery.parse({ q }));
      expect(items.map(({ id }) => id)).toEqual([conversationId]);
    }
    expect((await conversations.messages(principal, conversationId, undefined, 10)).items).toHaveLength(2);
    expect((await server.get(UserDirectory).users(usersQuery.parse({}))).items).toHaveLength(1);
    const { content } = await server.get(ExportService).export(principal, conversationId, 'markdown');
    let file = '';
    for await (const part of content) file += part;
    expect(file).toContain('Where do quokkas live?');
    held.resolve();
    await holding;
  });

  it('do not delay replies, however many there are', async () => {
    const held = Promise.withResolvers<void>();
    const reading = Array.from({ length: MANY }, () =>
      database.readAside(async (em) => {
        await held.promise;
        return em.count(User);
      }),
    );
    const { stream } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    expect(lastText(stateOf(await tab.subscribe(stream)))).toBe('Hello, world!');
    held.resolve();
    await expect(Promise.all(reading)).resolves.toEqual(Array.from({ length: MANY }, () => 1));
  });

  it('see all earlier commits, in one consistent snapshot', async () => {
    const rename = (name: string): Promise<unknown> =>
      database.write((em) => em.nativeUpdate(User, { id: person.userId }, { name }));
    const nameNow = (): Promise<string> =>
      database.readAside(async (em) => (await em.findOneOrFail(User, { id: person.userId })).name);
    for (const name of ['Grace', 'Edsger', 'Barbara']) {
      await rename(name);
      expect(await nameNow()).toBe(name);
    }
    const names = await database.readAside(async (em) => {
      const one = await em.fork({ keepTransactionContext: true }).findOneOrFail(User, { id: person.userId });
      await rename('Ada');
      const two = await em.findOneOrFail(User, { id: person.userId });
      return [one.name, two.name];
    });
    expect(names).toEqual(['Barbara', 'Barbara']);
    expect(await nameNow()).toBe('Ada');
  });

  it('cannot write, and release their connection after a failure', async () => {
    for (let attempt = 0; attempt < MANY; attempt++) {
      const writing = database.readAside((em) => em.nativeUpdate(User, { id: person.userId }, { name: 'Nobody' }));
      await expect(writing).rejects.toThrow();
    }
    await expect(database.readAside((em) => em.count(User, { name: 'Nobody' }))).resolves.toBe(0);
  });
});
