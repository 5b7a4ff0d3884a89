import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { says } from '../../testing/model/script.js';
import { begin, stateOf, whenNamed } from '../support/conversation.js';
import type { TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

describe('a rating', () => {
  let server: TestServer;
  let tab: TestClient;
  let begun: Awaited<ReturnType<typeof begin>>;
  let replyId: string;
  beforeAll(async () => {
    server = await TestServer.start();
    tab = await server.connect(await server.signIn('Ada'));
    server.model.next(says(['Well']));
    begun = await begin(tab);
    const { messages } = await whenNamed(tab, begun.stream);
    replyId = messages.at(-1)?.id ?? '';
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const rating = async () => stateOf(await tab.subscribe(begun.stream)).messages.at(-1)?.rating;
  const ratings = () =>
    tab.eventsOf(begun.stream).flatMap(({ type, data }) => (type === 'message.rated' ? [data] : []));

  it('is stored and published to every tab, once for each change', async () => {
    for (const given of ['up', 'up', 'down', null, null] as const) {
      await tab.command('message:rate', { messageId: replyId, rating: given });
      expect(await rating()).toBe(given ?? undefined);
    }
    expect(ratings()).toEqual([
      { messageId: replyId, rating: 'up' },
      { messageId: replyId, rating: 'down' },
      { messageId: replyId, rating: null },
    ]);
  });

  it('is possible only for finished replies, by their owner [A3]', async () => {
    const of = (messageId: string) => ({ messageId, rating: 'up' });
    expect(await tab.refused('message:rate', of(begun.messageId))).toMatchObject({ code: 'bad_request' });
    expect(await tab.refused('message:rate', { messageId: replyId, rating: 'best' })).toMatchObject({
      code: 'bad_request',
    });
    const stranger = await server.connect(await server.signIn('Mallory'));
    expect(await stranger.refused('message:rate', of(replyId))).toMatchObject({ code: 'not_found' });
    server.model.next((answer) => answer.stall());
    const { stream, runId } = await begin(tab);
    const streaming = stateOf(await tab.subscribe(stream)).messages.at(-1)?.id ?? '';
    expect(await tab.refused('message:rate', of(streaming))).toMatchObject({ code: 'run_active' });
    await tab.command('run:stop', { runId });
    await tab.command('message:rate', of(streaming) as { messageId: string; rating: 'up' });
    expect(await rating()).toBeUndefined();
  });
});
