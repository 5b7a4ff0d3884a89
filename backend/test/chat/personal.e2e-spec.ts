import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsageMeter } from '../../src/models/usage/usage-meter.js';
import { type ConversationSettings, conversationStream, type Personal, type User } from '../../src/protocol/index.js';
import { says } from '../../testing/model/script.js';
import { newMessage, stateOf, whenEnded } from '../support/conversation.js';
import type { TestClient } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const ABOUT = '# About the user\n\nThe user wrote this about themselves:\n\n';
const REPLIES = '# How replies should be\n\nThe user wrote this about the replies that they want:\n\n';

describe('what a person wrote for the model', () => {
  let server: TestServer;
  beforeAll(
    async () => (server = await TestServer.start({ SYSTEM_PROMPT: 'The usual.', MODEL_CONTEXT_TOKENS: '1200' })),
  );
  afterAll(() => server[Symbol.asyncDispose]());

  const change = (who: TestPerson, personal: Partial<Personal>) =>
    server.fetch('/api/profile/me', who, { method: 'PATCH', body: JSON.stringify({ personal }) });

  /** Asks in a conversation, by default in a new one; returns what the model was sent. */
  async function asked(tab: TestClient, conversationId?: string, settings?: ConversationSettings) {
    const before = server.model.requests.length;
    server.model.next(says(['Yes']));
    const message = { ...newMessage('Hello', conversationId), ...(settings && { settings }) };
    const stream = conversationStream(message.conversationId);
    await tab.command('message:send', message);
    await tab.subscribe(stream);
    await whenEnded(tab, stream);
    const { body } = await server.model.request(before);
    return { conversationId: message.conversationId, stream, system: body.messages[0], messages: body.messages };
  }

  it('is saved with the account, and changes in every tab', async () => {
    const ada = await server.signIn('Ada');
    const [one, other] = [await server.connect(ada), await server.connect(ada)];
    for (const tab of [one, other]) await tab.subscribe(`user:${ada.userId}`);
    const response = await change(ada, { about: '  I am a nurse. ' });
    const personal = { about: 'I am a nurse.', replies: '', used: true };
    expect(((await response.json()) as User).personal).toEqual(personal);
    for (const tab of [one, other]) {
      expect(await tab.event(`user:${ada.userId}`, 'user.updated')).toMatchObject({ personal });
    }
    expect(((await (await change(ada, { used: false })).json()) as User).personal).toEqual({
      ...personal,
      used: false,
    });
  });

  it('is not shown to admins', async () => {
    const [bob, root] = [await server.signIn('Bob'), await server.signIn('Root', 'admin')];
    const admin = await server.connect(root);
    await admin.subscribe('admin');
    await change(bob, { about: 'A secret.' });
    expect(await admin.event('admin', 'user.updated', ({ id }) => id === bob.userId)).not.toHaveProperty('personal');
    expect(await (await server.fetch('/api/admin/users', root)).text()).not.toContain('A secret.');
  });

  it('is copied into each conversation that begins while it is on, and only into those', async () => {
    const cleo = await server.signIn('Cleo');
    const tab = await server.connect(cleo);
    const before = await asked(tab);
    expect(before.system).toEqual({ role: 'system', content: 'The usual.' });
    await change(cleo, { about: 'I am a nurse.', replies: 'Short.' });
    const during = await asked(tab);
    const content = `The usual.\n\n${ABOUT}I am a nurse.\n\n${REPLIES}Short.`;
    expect(during.system).toEqual({ role: 'system', content });
    await change(cleo, { about: 'I am a pilot.', replies: '' });
    // Older conversations stay as they were.
    expect((await asked(tab, during.conversationId)).system).toEqual({ role: 'system', content });
    expect((await asked(tab, before.conversationId)).system).toEqual({ role: 'system', content: 'The usual.' });
    expect((await asked(tab)).system).toEqual({ role: 'system', content: `The usual.\n\n${ABOUT}I am a pilot.` });
    await change(cleo, { used: false });
    expect((await asked(tab)).system).toEqual({ role: 'system', content: 'The usual.' });
  });

  it('follows the instructions of the conversation, and can be taken out of it', async () => {
    const dora = await server.signIn('Dora');
    const tab = await server.connect(dora);
    await change(dora, { replies: 'Short.' });
    const own = await asked(tab, undefined, { systemPrompt: 'Verse.' });
    expect(own.system).toEqual({ role: 'system', content: `Verse.\n\n${REPLIES}Short.` });
    const { settings } = stateOf(await tab.subscribe(own.stream)).conversation;
    expect(settings).toEqual({ systemPrompt: 'Verse.', personal: { replies: 'Short.' } });
    const { conversationId } = own;
    await tab.command('conversation:update', { conversationId, settings: { systemPrompt: 'Verse.' } });
    expect((await asked(tab, conversationId)).system).toEqual({ role: 'system', content: 'Verse.' });
  });

  it('counts for the longest prompt, and for the estimated tokens', async () => {
    const [long, none] = [await server.signIn('Long'), await server.signIn('None')];
    await change(long, { about: 'word '.repeat(399), replies: 'more '.repeat(399) });
    const sent: number[] = [];
    for (const who of [long, none]) {
      const tab = await server.connect(who);
      const { conversationId, stream } = await asked(tab);
      for (let n = 0; n < 2; n++) {
        server.model.next(says(['x '.repeat(400)]));
        await tab.command('message:send', newMessage('Hello', conversationId));
        await whenEnded(tab, stream);
      }
      sent.push((await asked(tab, conversationId)).messages.length);
    }
    expect(sent[0]).toBeLessThan(sent[1] ?? 0);
    const counted = { history: [{ role: 'user', text: 'Hello' }], reply: '' } as const;
    const tokens = (settings: ConversationSettings): number =>
      server.get(UsageMeter).estimated('test-model', { ...counted, settings }).inputTokens;
    const personal = { about: 'word '.repeat(399), replies: 'more '.repeat(399) };
    expect(tokens({ personal })).toBeGreaterThan(tokens({}) + 700);
  });

  it.each([
    ['longer than 2,000 characters', { about: 'x'.repeat(2001) }],
    ['not text', { replies: 1 }],
    ['anything else', { role: 'admin' }],
    ['not storable', { about: 'a\u0000' }],
  ])('is refused when it is %s', async (_what, personal) => {
    const eve = await server.signIn('Eve');
    expect((await change(eve, personal as Partial<Personal>)).status).toBe(400);
    expect(await (await server.fetch('/api/profile/me', eve)).json()).not.toHaveProperty('personal');
  });
});
