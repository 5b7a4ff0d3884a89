import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { Conversation } from '../../../src/chat/conversations/conversation.entity.js';
import { indexDocuments, titleOf } from '../../../src/chat/search/search-index.js';
import { Database } from '../../../src/database/database.js';
import type { FoundConversation, Page } from '../../../src/protocol/index.js';
import { says } from '../../../testing/model/script.js';
import { begin, lastText, newMessage, stateOf } from '../../support/conversation.js';
import { type TestClient, until } from '../../support/test-client.js';
import { type TestPerson, TestServer } from '../../support/test-server.js';

describe('the search', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start();
    person = await server.signIn('Ada');
    tab = await server.connect(person);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const page = async (query: Record<string, string>, as = person): Promise<Page<FoundConversation>> => {
    const response = await server.fetch(`/api/conversations?${new URLSearchParams(query).toString()}`, as);
    expect(response.status).toBe(200);
    return (await response.json()) as Page<FoundConversation>;
  };
  const search = async (q: string, as = person): Promise<readonly FoundConversation[]> => (await page({ q }, as)).items;
  const idsOf = async (q: string): Promise<string[]> => (await search(q)).map(({ id }) => id);
  const shown = (found: FoundConversation | undefined): string =>
    (found?.hit?.excerpt ?? []).map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join('');

  /** An answered conversation with a title from the model. */
  async function answered(text: string, reply: string, title = 'Something'): Promise<{ id: string; stream: string }> {
    server.model.titles = says([title]);
    server.model.next(says([reply]));
    const { conversationId: id, stream } = await begin(tab, text);
    await tab.subscribe(stream);
    await tab.event(stream, 'conversation.updated', (data) => data.title === title);
    return { id, stream };
  }

  it('finds questions and replies, with an excerpt', async () => {
    const { id, stream } = await answered('Where do quokkas live?', 'Quokkas live on *Rottnest* Island.');
    const { messages } = stateOf(await tab.subscribe(stream));
    const [found, ...others] = await search('rottnest isl');
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id, running: false, hit: { messageId: messages[1]?.id } });
    expect(shown(found)).toBe('Quokkas live on *[Rottnest]* [Island].');
    // Both match: the newest is shown.
    expect((await search('QUOKKA'))[0]?.hit?.messageId).toBe(messages[1]?.id);
    expect((await search('where quokkas'))[0]?.hit?.messageId).toBe(messages[0]?.id);
  });

  it('requires all words in one text, the last one as a prefix', async () => {
    const { id } = await answered('alpha beta', 'gamma deltoid');
    expect(await idsOf('beta alpha')).toEqual([id]);
    expect(await idsOf('gamma delt')).toEqual([id]);
    expect(await idsOf('gam deltoid')).toEqual([]);
    expect(await idsOf('alpha gamma')).toEqual([]);
  });

  it('ignores accents and case, and finds words in scripts without spaces', async () => {
    const { id } = await answered('Une crème brûlée à Orléans', '東京の天気は晴れです。');
    for (const q of ['CREME brulee', 'crème BRÛ', 'orle\u0301ans', '天気', '東京 晴れ'])
      expect(await idsOf(q)).toEqual([id]);
    expect(shown((await search('天気'))[0])).toBe('東京の[天気]は晴れです。');
  });

  it('finds parts of katakana words', async () => {
    const { id } = await answered('求人を教えて', 'ソフトウェアエンジニアリングの募集です。');
    for (const q of ['エンジニア', 'ｴﾝｼﾞﾆｱ 募集', 'ソフトウェアエンジ', 'リング']) expect(await idsOf(q)).toEqual([id]);
    expect(shown((await search('エンジニア'))[0])).toBe('[ソフトウェアエンジニアリング]の募集です。');
    expect(await idsOf('エンジン')).toEqual([]);
  });

  it('finds titles, without an excerpt, and follows their changes', async () => {
    const { id } = await answered('Provisional wombat', 'Yes', 'Marsupials of Tasmania');
    const [found] = await search('tasmania');
    expect(found).toMatchObject({ id, title: 'Marsupials of Tasmania' });
    expect(found).not.toHaveProperty('hit');
    await tab.command('conversation:update', { conversationId: id, title: 'Animals of Bruny' });
    expect(await idsOf('tasmania')).toEqual([]);
    expect(await idsOf('bruny')).toEqual([id]);
    expect((await search('wombat'))[0]?.hit).toBeDefined();
  });

  it('finds text of every branch, of stopped replies, and of continuations', async () => {
    server.model.next(async (answer, request) => {
      await answer.text('Platypus ');
      await request.closed;
    });
    const { conversationId: id, stream, runId, messageId } = await begin(tab, 'Monotremes?');
    await until(async () => lastText(stateOf(await tab.subscribe(stream))) !== '', 'the reply has begun');
    await tab.command('run:stop', { runId });
    const stopped = await tab.event(stream, 'run.finished');
    expect((await search('platypus'))[0]?.hit?.messageId).toBe(stopped.messageId);

    server.model.next(says(['and echidna']));
    const on = await tab.command('message:continue', { clientMessageId: uuidv7(), messageId: stopped.messageId });
    await tab.event(stream, 'run.finished', (data) => data.runId === on.runId);
    expect(shown((await search('platypus echidna'))[0])).toBe('[Platypus] and [echidna]');

    const edited = await tab.command('message:edit', { clientMessageId: uuidv7(), messageId, text: 'Thylacines?' });
    await tab.event(stream, 'run.finished', (data) => data.runId === edited.runId);
    expect(await idsOf('thylacine')).toEqual([id]);
    expect(await idsOf('platypus')).toEqual([id]);
  });

  it('does not find deleted conversations', async () => {
    const { id } = await answered('Ephemeral bilby', 'Gone soon');
    expect(await idsOf('bilby')).toEqual([id]);
    await tab.command('conversation:delete', { conversationId: id });
    expect(await idsOf('bilby')).toEqual([]);
    await tab.command('conversation:restore', { conversationId: id });
    expect(await idsOf('bilby')).toEqual([id]);
    // When the row of the conversation is removed, its index entries are too.
    await server.get(Database).write((em) => em.nativeDelete(Conversation, { id }));
    const left = await server
      .get(Database)
      .read((em) => sql`select 1 from search_words where conversation_id = ${id}`.execute(em.getKysely()));
    expect(left.rows).toEqual([]);
  });

  it('is limited to conversations of the user', async () => {
    await answered('Secret numbat', 'Hush');
    const bob = await server.signIn('Bob');
    expect(await search('numbat', bob)).toEqual([]);
    expect(await search(person.userId, bob)).toEqual([]);
    expect(await search(person.userId.replaceAll('-', ''), person)).toEqual([]);
  });

  it.each([
    '"',
    '""',
    "'",
    '*',
    '(',
    ')',
    'quokkas AND',
    'NOT quokkas',
    'quokkas OR',
    '^quokkas',
    'owner:quokkas',
    '{words}:',
    'quokkas:*',
    'a & | ! b',
    'quokkas"; drop table users',
    '\\',
    '%',
    '-',
    'NEAR(a b)',
    '🦘',
    '<->',
    ':*',
    "quokkas' | 'x",
  ])('treats %j as words, or ignores it', async (q) => {
    const found = await search(q);
    expect(found.every(({ hit }) => hit?.excerpt.some(({ isMatch }) => isMatch) ?? true)).toBe(true);
    if (!/\p{L}/u.test(q)) expect(found).toEqual([]);
  });

  it('lists the most recently used first, in pages, archived or not', async () => {
    const ids: string[] = [];
    for (const word of ['one', 'two', 'three']) ids.unshift((await answered(`koala ${word}`, 'Fine')).id);
    expect(await idsOf('koala')).toEqual(ids);
    const first = await page({ q: 'koala', limit: '2' });
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await page({ q: 'koala', limit: '2', cursor: first.nextCursor ?? '' });
    expect([second.items.map(({ id }) => id), second.nextCursor]).toEqual([ids.slice(2), null]);

    await tab.command('conversation:update', { conversationId: ids[1] ?? '', archived: true });
    const filtered = async (archived: string, q = 'koala') =>
      (await page({ ...(q !== '' && { q }), archived })).items.map(({ id }) => id);
    expect(await filtered('true')).toEqual([ids[1]]);
    expect(await filtered('false')).toEqual([ids[0], ids[2]]);
    expect(await filtered('true', '')).toEqual([ids[1]]);
    expect(await filtered('false', '')).not.toContain(ids[1]);
    expect((await page({})).items.map(({ id }) => id)).toContain(ids[1]);
    expect((await server.fetch('/api/conversations?archived=maybe', person)).status).toBe(400);
  });

  it('lists the same, in pages, when a word occurs in more texts than fit into one answer', async () => {
    const cleo = await server.signIn('Cleo');
    const ids = Array.from({ length: 6 }, () => uuidv7());
    const newest = new Map<string, string>();
    for (const [index, id] of ids.entries()) {
      // One transaction each, so that SQLite can serve others in between.
      await server.get(Database).transaction(async (transaction) => {
        const { em } = transaction;
        const conversation = em.create(Conversation, {
          id,
          userId: cleo.userId,
          title: index === 1 ? 'Dingo alone' : 'No animal',
          titleSource: 'owner',
          pinned: false,
          archived: index === 0,
          leafId: null,
          settings: {},
          inputTokens: 0,
          outputTokens: 0,
          costMicros: null,
          usageEstimated: false,
          deletedAt: index === 5 ? 1 : null,
          createdAt: index,
          updatedAt: index,
        });
        await em.flush();
        await indexDocuments(transaction, [titleOf(conversation)]);
        // The second has the word only in its title, the third not at all.
        const isElsewhere = index === 1 || index === 2;
        for (let n = 0; n < (isElsewhere ? 2 : 500); n += 1) {
          const messageId = uuidv7();
          const text = isElsewhere ? 'a cat' : `the dingo ${n}`;
          await sql`insert into conversation_history (id, conversation_id, user_id, role, text, status, created_at)
            values (${messageId}, ${id}, ${cleo.userId}, 'user', ${text}, 'completed', ${n})`.execute(em.getKysely());
          await indexDocuments(transaction, [{ id: messageId, conversationId: id, userId: cleo.userId, text }]);
          newest.set(id, messageId);
        }
      });
    }
    for (const q of ['dingo', 'the ding', 'd']) {
      const seen: FoundConversation[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const next: Page<FoundConversation> = await page({ q, limit: '2', ...(cursor && { cursor }) }, cleo);
        seen.push(...next.items);
        cursor = next.nextCursor;
      }
      const [one, two, three, four] = [ids[4], ids[3], ids[1], ids[0]];
      const expected = q.startsWith('the') ? [one, two, four] : [one, two, three, four];
      expect(seen.map(({ id }) => id)).toEqual(expected);
      const places = expected.map((id) => (id === three ? undefined : newest.get(id ?? '')));
      expect(seen.map(({ hit }) => hit?.messageId)).toEqual(places);
    }
    expect((await page({ q: 'dingo', archived: 'true' }, cleo)).items.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await search('dingo 499', cleo)).map(({ id }) => id)).toEqual([ids[4], ids[3], ids[0]]);
    expect(await search('dingo', person)).toEqual([]);
  });

  it('indexes a reply with more different words than an index entry can hold', async () => {
    const words = Array.from({ length: 45_000 }, (_, index) => `w${(index * 7_919).toString(36)}`);
    server.model.next(says([words.join(' ')]));
    const message = newMessage('Many words, please');
    await tab.command('message:send', message);
    const stream = `conversation:${message.conversationId}`;
    const isWhole = async () => stateOf(await tab.subscribe(stream)).messages.at(-1)?.status === 'completed';
    await until(isWhole, 'the reply is whole');
    expect(await idsOf(words[100] ?? '')).toEqual([message.conversationId]);
  });
});
