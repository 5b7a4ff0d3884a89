import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ConversationEvent,
  type ConversationState,
  type ConversationView,
  foldConversation,
  FoldMismatch,
  foldUser,
  type StreamEvent,
  type UserEvent,
  type UserState,
  userStream,
} from '../../../src/protocol/index.js';
import { says } from '../../../testing/model/script.js';
import { foldAll, newMessage, stateOf } from '../../support/conversation.js';
import { type TestClient, until } from '../../support/test-client.js';
import { TestServer, type TestPerson } from '../../support/test-server.js';

const ACTIONS = [
  'send',
  'queue',
  'edit',
  'regenerate',
  'continue',
  'rate',
  'draft',
  'switch',
  'rename',
  'pin',
  'delete and restore',
] as const;
type Step = { readonly do: (typeof ACTIONS)[number]; readonly pick: number };

const step = fc.record<Step>({
  do: fc.constantFrom(...ACTIONS),
  pick: fc.nat(1_000),
});

interface Snapshot<State> {
  readonly seq: number;
  readonly state: State;
}

describe('the fold law', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start();
    person = await server.signIn('Ada');
    tab = await server.connect(person);
    await tab.subscribe(userStream(person.userId));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('[L4] a snapshot with the events after it equals every later snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const { conversationId } = newMessage();
        const stream = `conversation:${conversationId}`;
        server.model.next(says(['Hello ', 'there']));
        await tab.command('message:send', newMessage('Begin', conversationId));
        const conversations: Snapshot<ConversationState>[] = [];
        const sidebars: Snapshot<UserState>[] = [];
        const look = async (): Promise<void> => {
          conversations.push(await snapshot<ConversationState>(tab, stream));
          sidebars.push(await snapshot<UserState>(tab, userStream(person.userId)));
        };
        await look();
        await idle(tab, stream);
        await look();
        for (const one of steps) {
          await carryOut(server, tab, conversationId, one, look);
          await look();
          await idle(tab, stream);
          await look();
        }
        const events = await allEvents(tab, stream, conversations.at(-1)?.seq ?? 0);
        const userEvents = await allEvents(tab, userStream(person.userId), sidebars.at(-1)?.seq ?? 0);
        for (const [from, start] of conversations.entries()) {
          for (const end of conversations.slice(from)) {
            const between = events.filter(({ seq }) => seq > start.seq && seq <= end.seq) as ConversationEvent[];
            const isBack = between.some(({ type }) => type === 'conversation.restored');
            // Across a deletion only another snapshot helps, and every fold must say so.
            if (isBack)
              expect(() => between.reduce<ConversationView>(foldConversation, start.state)).toThrow(FoldMismatch);
            else expect(foldAll(start.state, between)).toEqual(end.state);
          }
        }
        for (const [from, start] of sidebars.entries()) {
          for (const end of sidebars.slice(from)) {
            const between = userEvents.filter(({ seq }) => seq > start.seq && seq <= end.seq);
            expect((between as UserEvent[]).reduce(foldUser, start.state)).toEqual(end.state);
          }
        }
      }),
      { numRuns: Number(process.env['FOLD_LAW_RUNS'] ?? 8) },
    );
  });
});

async function snapshot<State>(tab: TestClient, stream: string): Promise<Snapshot<State>> {
  const result = await tab.subscribe(stream);
  if (result.mode !== 'snapshot') throw new Error('expected a snapshot');
  return { seq: result.seq, state: result.state as State };
}

/** The live events, once all of them have arrived. */
async function allEvents(tab: TestClient, stream: string, seq: number): Promise<readonly StreamEvent[]> {
  const events = tab.eventsOf(stream);
  await until(() => (events.at(-1)?.seq ?? 0) >= seq, `event ${seq}`);
  return events;
}

/** Waits until no reply is being written and the title has been generated. */
async function idle(tab: TestClient, stream: string): Promise<void> {
  await until(async () => {
    const { messages, queue } = stateOf(await tab.subscribe(stream));
    return queue.length === 0 && messages.every(({ status }) => status !== 'streaming');
  }, 'everything is answered');
}

async function carryOut(
  server: TestServer,
  tab: TestClient,
  conversationId: string,
  { do: what, pick }: Step,
  look: () => Promise<void>,
): Promise<unknown> {
  const stream = `conversation:${conversationId}`;
  const { messages } = stateOf(await tab.subscribe(stream));
  const clientMessageId = randomUUID();
  const of = (role: 'user' | 'assistant') => {
    const candidates = messages.filter((message) => message.role === role);
    return candidates[pick % candidates.length]?.id ?? '';
  };
  const answer = (): void => server.model.next(says(['A ', 'new ', 'answer'], { delayMs: 2 }));
  const hangs = (): void =>
    server.model.next(async (reply) => {
      await reply.text('Half of an ');
      await reply.stall();
    });
  const draft = (text: string, place: string | null) =>
    tab.command('draft:set', { conversationId: place, text, origin: clientMessageId });
  switch (what) {
    case 'send':
      answer();
      return tab.command('message:send', newMessage(`Message ${pick}`, conversationId));
    case 'queue': {
      hangs();
      const { runId } = await tab.command('message:send', newMessage(`Message ${pick}`, conversationId));
      await draft(`Waits ${pick}`, conversationId);
      const waits = () => ({ ...newMessage(`Waits ${pick}`, conversationId), queue: true });
      const [first, second] = [await tab.command('message:send', waits()), await tab.command('message:send', waits())];
      await look();
      await tab.command('queue:update', { messageId: second.messageId, text: `Changed ${pick}` });
      if (pick % 3 === 0) await tab.command('queue:remove', { messageId: first.messageId });
      return tab.command('run:stop', { runId });
    }
    case 'continue': {
      hangs();
      const { runId } = await tab.command('message:send', newMessage(`Message ${pick}`, conversationId));
      const last = async () => stateOf(await tab.subscribe(stream)).messages.at(-1);
      await until(async () => (await last())?.text === 'Half of an ', 'half of an answer');
      await tab.command('run:stop', { runId });
      await look();
      answer();
      return tab.command('message:continue', { clientMessageId, messageId: (await last())?.id ?? '' });
    }
    case 'rate':
      return tab.command('message:rate', {
        messageId: of('assistant'),
        rating: ([null, 'up', 'down'] as const)[pick % 3] ?? null,
      });
    case 'draft':
      return draft(pick % 4 === 0 ? '' : `Draft ${pick}`, pick % 2 === 0 ? conversationId : null);
    case 'delete and restore':
      await tab.command('conversation:delete', { conversationId });
      return tab.command('conversation:restore', { conversationId });
    case 'edit':
      answer();
      return tab.command('message:edit', { clientMessageId, messageId: of('user'), text: `Edited ${pick}` });
    case 'regenerate':
      answer();
      return tab.command('message:regenerate', { clientMessageId, messageId: of('assistant') });
    case 'switch': {
      const siblings = messages.flatMap(({ siblingIds }) => siblingIds);
      const leafId = siblings[pick % siblings.length] ?? '';
      return tab.command('conversation:update', { conversationId, leafId });
    }
    case 'rename':
      return tab.command('conversation:update', { conversationId, title: `Title ${pick}` });
    case 'pin':
      return tab.command('conversation:update', { conversationId, pinned: pick % 2 === 0 });
  }
}
