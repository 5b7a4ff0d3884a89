import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConversationSummary, Page, UserState } from '../../src/protocol/index.js';
import { refuses, says } from '../../testing/model/script.js';
import { begin, newMessage, stateOf } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

describe('conversations', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  let mine: string;
  beforeAll(async () => {
    server = await TestServer.start();
    person = await server.signIn('Ada');
    tab = await server.connect(person);
    mine = `user:${person.userId}`;
    await tab.subscribe(mine);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const list = async (query = ''): Promise<Page<ConversationSummary>> =>
    (await (await server.fetch(`/api/conversations${query}`, person)).json()) as Page<ConversationSummary>;

  /** An answered conversation. */
  async function answered(text: string, reply = 'Fine'): Promise<Awaited<ReturnType<typeof begin>>> {
    server.model.next(says([reply]));
    const begun = await begin(tab, text);
    await tab.subscribe(begun.stream);
    await tab.event(begun.stream, 'run.finished');
    return begun;
  }

  it('appear in the sidebar at once, and are renamed by the model after the first turn', async () => {
    const { conversationId } = await answered('How are you?');
    const isMine = ({ id }: { id: string }) => id === conversationId;
    await expect(tab.event(mine, 'conversation.added', isMine)).resolves.toMatchObject({
      title: 'How are you?',
      running: true,
    });
    const named = await tab.event(
      mine,
      'conversation.updated',
      (data) => isMine(data) && data.title === 'A short title',
    );
    expect(named).toMatchObject({ running: false });
  });

  it('keep a title that their owner has set', async () => {
    const first = newMessage('What now?');
    const { conversationId } = first;
    const stream = `conversation:${conversationId}`;
    server.model.titles = async (answer, request) => {
      // The title is requested only after the answer, but maybe before this tab has received the end.
      await tab.command('conversation:update', { conversationId, title: '  Mine  ' });
      await says(['Too late'])(answer, request);
    };
    await tab.command('message:send', first);
    await tab.subscribe(stream);
    const isMine = async () => stateOf(await tab.subscribe(stream)).conversation.title === 'Mine';
    await until(isMine, 'the title was typed');
    server.model.titles = says(['A short title']);
    const second = newMessage('And now?', conversationId);
    const isAnswered = async () =>
      stateOf(await tab.subscribe(stream)).messages.every(({ status }) => status === 'completed');
    await until(isAnswered, 'the first answer is whole');
    const { runId } = await tab.command('message:send', second);
    await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    expect(stateOf(await tab.subscribe(stream)).conversation.title).toBe('Mine');
  });

  it('publish no event for a change without effect, over HTTP and over the socket', async () => {
    const { conversationId, stream } = await answered('What for?');
    const isTitled = (title: string) => (data: { id: string; title: string }) =>
      data.id === conversationId && data.title === title;
    await tab.event(mine, 'conversation.updated', isTitled('A short title'));
    const change = { title: 'Still', pinned: true, archived: false, settings: { temperature: 0.5 } };
    const { leafId } = await tab.command('conversation:update', { conversationId, ...change });
    if (leafId === null) throw new Error('no leaf');
    const received = (): number => tab.eventsOf(stream).length + tab.eventsOf(mine).length;
    await tab.event(stream, 'conversation.updated', isTitled('Still'));
    await tab.event(mine, 'conversation.updated', isTitled('Still'));
    const before = received();
    await tab.command('conversation:update', { conversationId });
    await tab.command('conversation:update', { conversationId, ...change, leafId });
    const body = JSON.stringify({ title: 'Still', pinned: true, leafId });
    const path = `/api/conversations/${conversationId}`;
    expect((await server.fetch(path, person, { method: 'PATCH', body })).status).toBe(200);
    // Any event of the changes before would arrive before this one.
    await tab.command('conversation:update', { conversationId, title: 'Moved', pinned: false });
    await tab.event(mine, 'conversation.updated', isTitled('Moved'));
    await tab.event(stream, 'conversation.updated', isTitled('Moved'));
    expect(received() - before).toBe(2);
  });

  it('keep their first words as a title when the model makes none', async () => {
    server.model.titles = refuses(400);
    const before = server.model.titleRequests.length;
    const { stream } = await answered('Just these words');
    await until(() => server.model.titleRequests.length > before, 'a title was asked for');
    server.model.titles = says(['A short title']);
    expect(stateOf(await tab.subscribe(stream)).conversation.title).toBe('Just these words');
  });

  it('can be deleted during an answer: the run ends once, every tab is notified, nothing is left', async () => {
    server.model.next(
      says(
        Array.from({ length: 500 }, () => 'on '),
        { delayMs: 5 },
      ),
    );
    const { conversationId, stream } = await begin(tab, 'Delete me');
    await tab.follow(stream);
    await tab.event(stream, 'run.delta');
    await tab.command('conversation:delete', { conversationId });
    const types = tab.eventsOf(stream).map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['run.finished', 'conversation.deleted']);
    expect(types.filter((type) => type === 'run.finished')).toHaveLength(1);
    await tab.event(mine, 'conversation.deleted', ({ id }) => id === conversationId);
    await expect(tab.refused('stream:subscribe', { stream })).resolves.toMatchObject({ code: 'not_found' });
    // A message that was sent before the deletion does not bring the conversation back.
    await expect(tab.refused('message:send', newMessage('Still?', conversationId))).resolves.toMatchObject({
      code: 'not_found',
    });
    expect((await server.fetch(`/api/conversations/${conversationId}`, person)).status).toBe(404);
  });

  it('are listed most recently used first, in pages, and found by title and text', async () => {
    const { conversationId } = await answered('The word is Xylophone', 'An instrument of 100% wood_and\\metal');
    const [first] = (await list('?limit=1')).items;
    expect(first?.id).toBe(conversationId);
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<ConversationSummary> = await list(`?limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(ids).toEqual((await list()).items.map(({ id }) => id));
    for (const q of ['xylo', '100%', 'wood_and\\', 'INSTRUMENT']) {
      expect((await list(`?q=${encodeURIComponent(q)}`)).items.map(({ id }) => id)).toEqual([conversationId]);
    }
    expect((await list('?q=%25%25')).items).toEqual([]);
    expect((await server.fetch('/api/conversations?limit=0', person)).status).toBe(400);
  });

  it('return their messages in pages, and can be exported as a file', async () => {
    const { conversationId, stream } = await answered('One', 'First *answer*');
    const { runId } = await tab.command('message:send', newMessage('Two', conversationId));
    await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    const path = `/api/conversations/${conversationId}`;
    const { messages } = stateOf(await tab.subscribe(stream));
    const page = await server.fetch(`${path}/messages?before=${messages[2]?.id}&limit=1`, person);
    await expect(page.json()).resolves.toEqual({ items: [messages[1]], nextCursor: messages[1]?.id });

    const markdown = await server.fetch(`${path}/export`, person);
    expect(markdown.headers.get('content-disposition')).toMatch(/attachment; filename=.*\.md/);
    const text = await markdown.text();
    for (const part of ['## You', 'One', 'First *answer*', 'Two', 'Hello, world!']) expect(text).toContain(part);
    const json = (await (await server.fetch(`${path}/export?format=json`, person)).json()) as { messages: unknown[] };
    expect(json.messages).toHaveLength(4);
    expect((await server.fetch(`${path}/export?format=exe`, person)).status).toBe(400);
  });

  it('serve scripts: the answer is returned over HTTP, and open tabs see it stream', async () => {
    const conversationId = randomUUID();
    server.model.next(says(['Hello ', 'script'], { delayMs: 20 }));
    const post = (body: object) => server.fetch('/api/chat', person, { method: 'POST', body: JSON.stringify(body) });
    const response = await post({ message: 'Hi', conversationId });
    const answer = (await response.json()) as { reply: string; conversationId: string; messageId: string };
    expect(answer).toMatchObject({ reply: 'Hello script', conversationId });
    await tab.event(mine, 'conversation.added', ({ id }) => id === conversationId);
    const state = stateOf(await tab.subscribe(`conversation:${conversationId}`));
    expect(state.messages.at(-1)?.id).toBe(answer.messageId);
    expect((await post({ message: 'Hi', extra: 1 })).status).toBe(400);
    const anonymous = await server.fetch('/api/chat', undefined, { method: 'POST', body: '{"message":"Hi"}' });
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const sidebar = await tab.subscribe(mine);
    expect((sidebar as unknown as { state: UserState }).state.conversations[0]?.id).toBe(conversationId);
  });
});
