import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/database/clock.js';
import { says } from '../../testing/model/script.js';
import { begin, stateOf, whenEnded } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';

describe('a server whose clock was set back', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => server[Symbol.asyncDispose]());

  it('[L10] shows messages and versions in the order of their creation', async () => {
    const tab = await server.connect(await server.signIn('Ada'));
    server.model.next(says(['first']), says(['second']), says(['third']));
    const { stream } = await begin(tab);
    const { messages } = await whenEnded(tab, stream);
    const reply = messages[1];
    const earlier = Date.now() - 600_000;
    jest.spyOn(server.get(Clock), 'now').mockReturnValue(earlier);
    for (const _ of [2, 3]) {
      const clientMessageId = crypto.randomUUID();
      await tab.command('message:regenerate', { clientMessageId, messageId: reply?.id ?? '' });
      await whenEnded(tab, stream);
    }
    const state = stateOf(await tab.subscribe(stream));
    const last = state.messages.at(-1);
    expect(last?.text).toBe('third');
    expect([last?.siblingIds.indexOf(reply?.id ?? ''), last?.siblingIds.indexOf(last.id)]).toEqual([0, 2]);
    expect(last?.createdAt).toBeGreaterThan(reply?.createdAt ?? 0);
    // `updatedAt` follows the newest version too.
    expect(state.conversation.updatedAt).toBe(last?.createdAt);
  });
});
