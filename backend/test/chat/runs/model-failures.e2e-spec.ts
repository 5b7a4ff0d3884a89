import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuses, says, type Script } from '../../../testing/model/script.js';
import { begin, stateOf } from '../../support/conversation.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

/** Two pieces, followed by a failure. */
const thenFails =
  (fail: (answer: Parameters<Script>[0]) => void | Promise<void>): Script =>
  async (answer) => {
    await answer.text('So ');
    await answer.text('far');
    await fail(answer);
  };

describe('a model that fails', () => {
  let server: TestServer;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start({ MODEL_FIRST_TOKEN_MS: '500', MODEL_BETWEEN_TOKENS_MS: '500' });
    tab = await server.connect(await server.signIn('Ada'));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each<[string, string, Script]>([
    ['resets the connection', 'model_unavailable', thenFails((answer) => answer.reset())],
    ['stalls', 'model_timeout', thenFails((answer) => answer.stall())],
    ['ends without an end', 'model_truncated', thenFails((answer) => answer.end())],
    ['sends rubbish', 'model_bad_response', thenFails((answer) => answer.raw('data: {"choices": [\n\n'))],
    ['reaches its limit', 'model_length', thenFails((answer) => answer.finish('length').then(() => answer.done()))],
    ['gives an error as its reason', 'model_unavailable', thenFails((answer) => answer.finish('error'))],
    [
      'reports an error in the middle',
      'model_unavailable',
      thenFails(async (answer) => {
        await answer.event({ error: { message: 'secret words of the provider', type: 'server_error' } });
        answer.end();
      }),
    ],
  ])('keeps the text so far when it %s', async (_what, code, script) => {
    server.model.next(script);
    const { stream, runId } = await begin(tab);
    await tab.follow(stream);
    const finished = await tab.event(stream, 'run.finished');
    expect(finished).toMatchObject({ runId, status: 'failed', length: 'So far'.length });
    expect(finished.error?.code).toBe(code);
    expect(finished.error?.requestId).toMatch(/\S+/);
    expect(JSON.stringify(finished)).not.toContain('secret');
    const reply = stateOf(await tab.subscribe(stream)).messages.at(-1);
    expect(reply).toMatchObject({ status: 'failed', text: 'So far', error: finished.error });
  });

  it('ends as failed without any text, and answers when it is retried', async () => {
    server.model.next(says([]), says(['Better']));
    const { stream, runId } = await begin(tab);
    await tab.follow(stream);
    const failed = await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    expect(failed).toMatchObject({ status: 'failed', length: 0, error: { code: 'model_empty' } });
    const { messageId } = failed;
    const again = await tab.command('message:regenerate', { clientMessageId: crypto.randomUUID(), messageId });
    const finished = await tab.event(stream, 'run.finished', (data) => data.runId === again.runId);
    expect(finished).toMatchObject({ status: 'completed', length: 6 });
  });

  it('can be continued after its length limit, and is completed when nothing is added', async () => {
    server.model.next(
      says(['So far'], { finishReason: 'length' }),
      says([' and on'], { finishReason: 'length' }),
      says([]),
    );
    const { stream, runId } = await begin(tab);
    await tab.follow(stream);
    const first = await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    expect(first).toMatchObject({ status: 'failed', error: { code: 'model_length' } });
    const goOn = async () => {
      const { messageId } = first;
      const next = await tab.command('message:continue', { clientMessageId: crypto.randomUUID(), messageId });
      return tab.event(stream, 'run.finished', (data) => data.runId === next.runId);
    };
    expect(await goOn()).toMatchObject({ status: 'failed', length: 13, error: { code: 'model_length' } });
    expect(await goOn()).toMatchObject({ status: 'completed', length: 13 });
  });

  it('does not publish its reasoning', async () => {
    server.model.next(says(['<thi', 'nk>\nsecret', '</think', '>\n\nSo', ' far.']));
    const { stream } = await begin(tab);
    await tab.follow(stream);
    expect(await tab.event(stream, 'run.finished')).toMatchObject({ status: 'completed', length: 7 });
    expect(stateOf(await tab.subscribe(stream)).messages.at(-1)?.text).toBe('So far.');
    expect(JSON.stringify(tab.eventsOf(stream))).not.toContain('secret');
  });

  it('ends as failed when it refuses, and answers when it is retried', async () => {
    server.model.next(refuses(401), says(['Better']));
    const { stream, runId } = await begin(tab);
    await tab.follow(stream);
    const failed = await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    expect(failed).toMatchObject({ status: 'failed', length: 0, error: { code: 'model_auth' } });

    const again = await tab.command('message:regenerate', {
      clientMessageId: crypto.randomUUID(),
      messageId: failed.messageId,
    });
    await tab.event(stream, 'run.finished', (data) => data.runId === again.runId);
    const { messages } = stateOf(await tab.subscribe(stream));
    expect(messages.map(({ text }) => text)).toEqual(['Hello', 'Better']);
    expect(messages[1]?.siblingIds).toEqual([failed.messageId, again.messageId]);
  });
});
