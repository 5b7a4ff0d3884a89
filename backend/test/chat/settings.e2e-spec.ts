import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  conversationStream,
  type Conversation,
  type ConversationSettings,
  type Message,
} from '../../src/protocol/index.js';
import type { CompletionBody } from '../../testing/model/completion-request.js';
import { refuses } from '../../testing/model/script.js';
import { newMessage, stateOf } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const FULL: ConversationSettings = {
  model: 'other-model',
  systemPrompt: 'Answer in verse.',
  temperature: 0.5,
  topP: 0.9,
  maxOutputTokens: 100,
};

describe('the settings of a conversation', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start({ SYSTEM_PROMPT: 'The usual.' });
    person = await server.signIn('Ada');
    tab = await server.connect(person);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Carries out a command, and waits for the end of the run that it starts. */
  async function carriedOut(
    conversationId: string,
    send: () => Promise<{ readonly runId: string; readonly messageId: string }>,
  ): Promise<{ readonly messageId: string; readonly replyId: string; readonly body: CompletionBody }> {
    const before = server.model.requests.length;
    const { runId, messageId } = await send();
    const stream = conversationStream(conversationId);
    await tab.subscribe(stream);
    const endedReply = async (): Promise<string | undefined> => {
      const { messages } = stateOf(await tab.subscribe(stream));
      const isIt = (message: Message) => message.runId === runId && message.role === 'assistant';
      return messages.find((message) => isIt(message) && message.status !== 'streaming')?.id;
    };
    const replyId = await until(endedReply, 'the run has ended');
    return { messageId, replyId, body: (await server.model.request(before)).body };
  }

  const begin = (settings?: ConversationSettings, model?: string) => {
    const message = { ...newMessage('Hello'), ...(settings && { settings }), ...(model && { model }) };
    const { conversationId } = message;
    return carriedOut(conversationId, () => tab.command('message:send', message)).then((result) => ({
      ...result,
      conversationId,
    }));
  };

  const settingsOf = async (conversationId: string): Promise<ConversationSettings> =>
    stateOf(await tab.subscribe(conversationStream(conversationId))).conversation.settings;

  it('come with the first message, are stored, and reach the model', async () => {
    const { conversationId, body } = await begin(FULL);
    expect(body).toMatchObject({ model: 'other-model', temperature: 0.5, top_p: 0.9, max_tokens: 100 });
    expect(body.messages[0]).toEqual({ role: 'system', content: 'Answer in verse.' });
    expect(await settingsOf(conversationId)).toEqual(FULL);
    const path = `/api/conversations/${conversationId}`;
    expect(((await (await server.fetch(path, person)).json()) as Conversation).settings).toEqual(FULL);
  });

  it('default to those of the installation', async () => {
    const { conversationId, body } = await begin();
    expect(body.model).toBe('test-model');
    expect(body.messages[0]).toEqual({ role: 'system', content: 'The usual.' });
    for (const name of ['temperature', 'top_p', 'max_tokens']) expect(body).not.toHaveProperty(name);
    expect(await settingsOf(conversationId)).toEqual({});
  });

  it('apply to regenerated replies, edits, later messages and scripts', async () => {
    const first = await begin({ systemPrompt: '', model: 'other-model' });
    const { conversationId } = first;
    expect(first.body.messages.map(({ role }) => role)).toEqual(['user']);
    const clientMessageId = () => randomUUID();
    const bodies = [
      await carriedOut(conversationId, () =>
        tab.command('message:regenerate', { clientMessageId: clientMessageId(), messageId: first.replyId }),
      ),
      await carriedOut(conversationId, () =>
        tab.command('message:edit', { clientMessageId: clientMessageId(), messageId: first.messageId, text: 'Edited' }),
      ),
      await carriedOut(conversationId, () => tab.command('message:send', newMessage('And now?', conversationId))),
    ].map(({ body }) => body);
    const before = server.model.requests.length;
    const script = { method: 'POST', body: JSON.stringify({ message: 'Script', conversationId }) };
    expect((await server.fetch('/api/chat', person, script)).status).toBe(200);
    bodies.push((await server.model.request(before)).body);
    for (const body of bodies) {
      expect(body.model).toBe('other-model');
      expect(body.messages.map(({ role }) => role)).not.toContain('system');
    }
  });

  it('apply to a continued reply', async () => {
    server.model.next(async (answer) => {
      await answer.text('Half');
      answer.end();
    });
    const { conversationId, replyId } = await begin({ topP: 0.1, model: 'other-model' });
    const { body } = await carriedOut(conversationId, () =>
      tab.command('message:continue', { clientMessageId: randomUUID(), messageId: replyId }),
    );
    expect(body).toMatchObject({ model: 'other-model', top_p: 0.1 });
  });

  it('are replaced as a whole, published to every tab, and used for the next reply', async () => {
    const { conversationId } = await begin(FULL);
    const stream = conversationStream(conversationId);
    const changed = await tab.command('conversation:update', { conversationId, settings: { temperature: 2 } });
    expect(changed.settings).toEqual({ temperature: 2 });
    // The stream of the conversation has all settings, that of the user only the line of the sidebar.
    await tab.event(stream, 'conversation.updated', (data) => 'settings' in data && data.settings.temperature === 2);
    const { body } = await carriedOut(conversationId, () =>
      tab.command('message:send', newMessage('And now?', conversationId)),
    );
    expect(body).toMatchObject({ model: 'test-model', temperature: 2 });
    expect(body).not.toHaveProperty('top_p');

    const patch = { method: 'PATCH', body: JSON.stringify({ settings: { topP: 0 } }) };
    const response = await server.fetch(`/api/conversations/${conversationId}`, person, patch);
    await expect(response.json()).resolves.toMatchObject({ settings: { topP: 0 } });
    expect(await settingsOf(conversationId)).toEqual({ topP: 0 });
    // Other changes leave the settings alone.
    await tab.command('conversation:update', { conversationId, title: 'Mine' });
    expect(await settingsOf(conversationId)).toEqual({ topP: 0 });
  });

  it('take precedence over the preferred model, and a command over them', async () => {
    const prefer = (model: string) =>
      server.fetch('/api/profile/me', person, { method: 'PATCH', body: JSON.stringify({ preferences: { model } }) });
    await prefer('other-model');
    expect((await begin()).body.model).toBe('other-model');
    expect((await begin({ model: 'test-model' })).body.model).toBe('test-model');
    expect((await begin({ model: 'test-model' }, 'other-model')).body.model).toBe('other-model');
    await prefer('gone-model');
    expect((await begin()).body.model).toBe('test-model');
    await prefer('test-model');
  });

  it('are refused with a model that is not offered, and nothing is started or changed', async () => {
    const message = { ...newMessage(), settings: { model: 'gone-model' } };
    const refusal = { code: 'bad_request', message: expect.stringContaining('settings.model') };
    await expect(tab.refused('message:send', message)).resolves.toMatchObject(refusal);
    await expect(
      tab.refused('stream:subscribe', { stream: conversationStream(message.conversationId) }),
    ).resolves.toMatchObject({ code: 'not_found' });

    const { conversationId } = await begin({ topP: 0.5 });
    const settings = { model: 'gone-model' };
    await expect(tab.refused('conversation:update', { conversationId, settings })).resolves.toMatchObject(refusal);
    const patch = { method: 'PATCH', body: JSON.stringify({ settings }) };
    expect((await server.fetch(`/api/conversations/${conversationId}`, person, patch)).status).toBe(400);
    expect(await settingsOf(conversationId)).toEqual({ topP: 0.5 });
    await expect(tab.refused('message:send', { ...newMessage(), model: 'gone-model' })).resolves.toMatchObject({
      code: 'bad_request',
    });
  });

  it.each([
    ['a temperature', { temperature: 2.1 }],
    ['a top p', { topP: -1 }],
    ['a length of nothing', { maxOutputTokens: 0 }],
    ['a system prompt', { systemPrompt: 'x'.repeat(8_001) }],
    ['a key', { top: 1 }],
  ])('are refused with %s out of range', async (_what, settings) => {
    await expect(tab.refused('message:send', { ...newMessage(), settings })).resolves.toMatchObject({
      code: 'bad_request',
    });
  });

  it('in a message that does not start the conversation change nothing', async () => {
    const { conversationId } = await begin({ topP: 0.5 });
    const { body } = await carriedOut(conversationId, () =>
      tab.command('message:send', { ...newMessage('More', conversationId), settings: { topP: 1 } }),
    );
    expect(body.top_p).toBe(0.5);
    expect(await settingsOf(conversationId)).toEqual({ topP: 0.5 });
  });

  it('that the provider refuses end the run as failed, with the reason', async () => {
    server.model.next(refuses(400, { param: 'temperature', message: 'temperature must be at most 1' }));
    const { conversationId } = await begin({ temperature: 2 });
    const state = stateOf(await tab.subscribe(conversationStream(conversationId)));
    expect(state.messages.at(-1)).toMatchObject({ status: 'failed', error: { code: 'model_settings' } });
  });
});
