import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ConversationEvent,
  type ConversationState,
  foldUser,
  type StreamEvent,
  type UserEvent,
  type UserState,
  userStream,
} from '../../src/protocol/index.js';
import { says } from '../model-server.js';
import { foldAll, newMessage, stateOf } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { TestServer, type TestPerson } from '../support/test-server.js';

type Step = { readonly do: 'send' | 'edit' | 'regenerate' | 'switch' | 'rename' | 'pin'; readonly pick: number };

const step = fc.record<Step>({
  do: fc.constantFrom('send', 'send', 'edit', 'regenerate', 'switch', 'rename', 'pin'),
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
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
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
          await carryOut(server, tab, conversationId, one);
          await look();
          await idle(tab, stream);
          await look();
        }
        const events = await allEvents(tab, stream, conversations.at(-1)?.seq ?? 0);
        const userEvents = await allEvents(tab, userStream(person.userId), sidebars.at(-1)?.seq ?? 0);
        for (const [from, start] of conversations.entries()) {
          for (const end of conversations.slice(from)) {
            const between = events.filter(({ seq }) => seq > start.seq && seq <= end.seq);
            expect(foldAll(start.state, between as ConversationEvent[])).toEqual(end.state);
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
  }, 120_000);
});

async function snapshot<State>(tab: TestClient, stream: string): Promise<Snapshot<State>> {
  const result = await tab.subscribe(stream);
  if (result.mode !== 'snapshot') throw new Error('expected a snapshot');
  return { seq: result.seq, state: result.state as State };
}

/** The live events, once all of them have come. */
async function allEvents(tab: TestClient, stream: string, seq: number): Promise<readonly StreamEvent[]> {
  const events = tab.eventsOf(stream);
  await until(() => (events.at(-1)?.seq ?? 0) >= seq, `event ${seq}`);
  return events;
}

/** Waits until nothing is answered and the title has been made. */
async function idle(tab: TestClient, stream: string): Promise<void> {
  await until(async () => {
    const { messages } = stateOf(await tab.subscribe(stream));
    return messages.every(({ status }) => status !== 'streaming');
  }, 'the answer is whole');
}

async function carryOut(server: TestServer, tab: TestClient, conversationId: string, { do: what, pick }: Step) {
  const { messages } = stateOf(await tab.subscribe(`conversation:${conversationId}`));
  const clientMessageId = randomUUID();
  const of = (role: 'user' | 'assistant') => {
    const candidates = messages.filter((message) => message.role === role);
    return candidates[pick % candidates.length]?.id ?? '';
  };
  const answer = (): void => server.model.next(says(['A ', 'new ', 'answer'], { delayMs: 2 }));
  switch (what) {
    case 'send':
      answer();
      return tab.command('message:send', newMessage(`Message ${pick}`, conversationId));
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
