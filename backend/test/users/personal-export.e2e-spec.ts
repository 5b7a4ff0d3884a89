import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawPicture } from '../../dev/provider/picture.js';
import { Database } from '../../src/database/database.js';
import { conversationStream } from '../../src/protocol/index.js';
import { ENTITIES } from '../../src/schema.js';
import { Identity } from '../../src/users/identity.entity.js';
import { Picture } from '../../src/users/pictures/picture.entity.js';
import { User } from '../../src/users/user.entity.js';
import { says } from '../../testing/model/script.js';
import { createToken } from '../programs/programs.js';
import { setBudget, tokens } from '../team/budgets.js';
import { addWebhook } from '../programs/webhook-receiver.js';
import { begin, lastText, newMessage, stateOf, whenEnded } from '../support/conversation.js';
import { held, queued } from '../support/queue.js';
import { readZip } from '../support/read-zip.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

/** The file of the export with the rows of each table. */
const FILE_OF: Readonly<Record<string, string>> = {
  identities: 'identities.json',
  pictures: 'picture',
  sessions: 'sessions.json',
  personal_tokens: 'access-tokens.json',
  webhooks: 'webhooks.json',
  conversations: 'conversations',
  conversation_history: 'conversations',
  runs: 'conversations',
  queued_messages: 'queued-messages.json',
  drafts: 'drafts.json',
  usage_entries: 'usage.json',
  budgets: 'budget.json',
  dismissed_announcements: 'dismissed-announcements.json',
};

const NOT_EXPORTED = {
  login_codes: 'valid for a minute, and a secret',
  presence: 'which tabs are open at the moment',
  unkept_runs: 'a reply that is being written, of which nothing is kept',
};

type Files = ReadonlyMap<string, unknown>;

describe('the export of everything about a person', () => {
  let server: TestServer;
  beforeAll(async () => (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  async function exported(who: TestPerson, path = '/api/profile/export'): Promise<Files> {
    const response = await server.fetch(path, who);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=lockstep-\d{4}-\d\d-\d\d\.zip$/);
    const files = readZip(Buffer.from(await response.arrayBuffer()));
    return new Map(
      [...files].map(([name, content]) => [
        name,
        name.endsWith('.json') ? (JSON.parse(content.toString()) as unknown) : content,
      ]),
    );
  }

  it('has every branch of every conversation, the drafts, the usage, the sessions and the picture', async () => {
    const [ada, bob] = [await server.signIn('Ada'), await server.signIn('Bob')];
    const tab = await server.connect(ada);
    const { userId } = ada;
    const picture = { userId, source: 'https://example.com/a', contentType: 'image/png', hash: 'h', fetchedAt: 1 };
    await server.get(Database).write(async (em) => {
      await em.insert(Identity, { issuer: 'test', subject: userId, userId, createdAt: 1 });
      await em.insert(Picture, { ...picture, bytes: drawPicture('1') });
    });
    server.model.next(says(['One'], { usage: { prompt_tokens: 3, completion_tokens: 1 } }));
    const { conversationId, messageId, stream } = await begin(tab, 'First question');
    await whenEnded(tab, stream);
    server.model.next(says(['Two']));
    await tab.command('message:edit', { ...ids(), messageId, text: 'Another question' });
    await whenEnded(tab, stream);
    await tab.command('draft:set', { conversationId, text: 'Unsent', origin: newMessage().clientMessageId });
    const other = await server.connect(bob);
    server.model.next(says(['Secret of Bob']));
    const foreign = await begin(other, 'Question of Bob');
    await whenEnded(other, foreign.stream);

    const { token } = await createToken(server, ada, { name: 'A script' });
    const { secret } = await addWebhook(server, ada, 'https://[2606:4700::6810:84e5]/');

    const files = await exported(ada);
    expect([...files.keys()].sort()).toEqual([
      'access-tokens.json',
      'audit.json',
      'budget.json',
      `conversations/${conversationId}.json`,
      'dismissed-announcements.json',
      'drafts.json',
      'identities.json',
      'picture.png',
      'profile.json',
      'queued-messages.json',
      'sessions.json',
      'usage.json',
      'webhooks.json',
    ]);
    expect(files.get('profile.json')).toMatchObject({ id: userId, email: 'ada@example.com', name: 'Ada' });
    expect(files.get('identities.json')).toMatchObject([{ issuer: 'test', subject: userId }]);
    expect(files.get('drafts.json')).toMatchObject([{ place: conversationId, text: 'Unsent' }]);
    expect(files.get('usage.json')).toMatchObject([{ inputTokens: 3, outputTokens: 1 }, {}]);
    expect(files.get('sessions.json')).toMatchObject([{ id: ada.sessionId, userAgent: 'test' }]);
    expect(files.get('picture.png')).toEqual(drawPicture('1'));
    const { messages } = files.get(`conversations/${conversationId}.json`) as { messages: { text: string }[] };
    expect(messages.map(({ text }) => text).sort()).toEqual(['Another question', 'First question', 'One', 'Two']);
    expect(files.get('access-tokens.json')).toMatchObject([{ name: 'A script', scopes: ['chat', 'read'] }]);
    const whole = JSON.stringify([...files]);
    expect(files.get('webhooks.json')).toMatchObject([
      { url: 'https://[2606:4700::6810:84e5]/', events: ['run.finished'] },
    ]);
    expect(whole).not.toContain(token);
    expect(whole).not.toContain(secret);
    expect(whole).not.toMatch(/sealed/i);
    expect(whole).not.toMatch(/hash/i);
    expect(whole).not.toContain('Bob');
    expect(whole).not.toContain('tokenHash');
  });

  it('has a file for each table that belongs to a person, or a reason not to', async () => {
    const archive = await exported(await server.signIn('Gus'));
    const metadata = await server.get(Database).readAside((em) => Promise.resolve(em.getMetadata()));
    for (const entity of ENTITIES) {
      const { tableName, relations } = metadata.get(entity);
      if (!relations.some(({ targetMeta }) => targetMeta?.class === User)) continue;
      const file = FILE_OF[tableName];
      if (file === undefined) expect(Object.keys(NOT_EXPORTED)).toContain(tableName);
      else expect([...archive.keys(), 'picture', 'conversations']).toContain(file);
    }
  });

  it('has what waits to be sent, and the budget of the person', async () => {
    const [hal, root] = [await server.signIn('Hal'), await server.signIn('Root', 'admin')];
    const tab = await server.connect(hal);
    const answer = held('The beginning');
    server.model.next(answer.script);
    const { conversationId, stream } = await begin(tab);
    await tab.command('message:send', queued(conversationId, 'Still to be sent'));
    await setBudget(server, root, hal, tokens(1_000_000));
    const files = await exported(hal);
    expect(files.get('queued-messages.json')).toMatchObject([{ conversationId, text: 'Still to be sent' }]);
    expect(files.get('budget.json')).toEqual(tokens(1_000_000));
    answer.release();
    await whenEnded(tab, stream);
  });

  it('has the text so far of a reply that is being written', async () => {
    const cleo = await server.signIn('Cleo');
    const tab = await server.connect(cleo);
    server.model.next(async (answer) => {
      await answer.text('The beginning');
      await answer.stall();
    });
    const { conversationId } = await begin(tab);
    const stream = conversationStream(conversationId);
    await until(async () => lastText(stateOf(await tab.subscribe(stream))) !== '', 'the text has begun');
    const files = await exported(cleo);
    expect(JSON.stringify(files.get(`conversations/${conversationId}.json`))).toContain('The beginning');
  });

  it('can be made by an admin, which is recorded, and by no one else', async () => {
    const [dora, eve, root] = [
      await server.signIn('Dora'),
      await server.signIn('Eve'),
      await server.signIn('Root', 'admin'),
    ];
    const path = `/api/admin/users/${dora.userId}/export`;
    expect((await server.fetch(path, eve)).status).toBe(403);
    expect((await exported(root, path)).get('profile.json')).toMatchObject({ id: dora.userId });
    const act = { action: 'user.exported', actorId: root.userId, targetId: dora.userId };
    expect((await exported(dora)).get('audit.json')).toMatchObject([act]);
    expect((await server.fetch(`/api/admin/users/${dora.sessionId}/export`, root)).status).toBe(404);
  });

  it('is open to pending users, and limited', async () => {
    const fay = await server.signIn('Fay', 'pending');
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) {
      const response = await server.fetch('/api/profile/export', fay);
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
  });
});

const ids = (): { readonly clientMessageId: string } => ({ clientMessageId: newMessage().clientMessageId });
