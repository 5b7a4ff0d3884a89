import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationEvent } from './events.js';
import { bySidebarOrder, foldAdmin, foldConversation, FoldMismatch, foldUser } from './fold.js';
import { MESSAGE_WINDOW, MESSAGE_WINDOW_LENGTH } from './message-window.js';
import { NO_USAGE } from './usage.js';
import type { ConversationState, ConversationSummary, Draft, Message, QueuedMessage, UserState } from './views.js';

const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const CONVERSATION = id(999);
const RUN = id(500);

const line = { id: CONVERSATION, title: 'T', pinned: false, archived: false, createdAt: 1, updatedAt: 1 };
const conversation = { ...line, settings: {}, usage: NO_USAGE };
const empty: ConversationState = {
  conversation: { ...conversation, leafId: null },
  messages: [],
  hasMore: false,
  queue: [],
  draft: null,
};
const draft: Draft = { text: 'Half a', origin: id(700), at: 7 };

const message = (n: number, parentId: string | null, fields: Partial<Message> = {}): Message => ({
  id: id(n),
  parentId,
  role: n % 2 === 1 ? 'user' : 'assistant',
  text: '',
  status: 'completed',
  createdAt: n,
  ...fields,
});
const added = (value: Message): ConversationEvent => ({ type: 'message.added', data: { message: value } });
const delta = (offset: number, text: string): ConversationEvent => ({
  type: 'run.delta',
  data: { runId: RUN, messageId: id(2), offset, text },
});

function fold(state: ConversationState, events: readonly ConversationEvent[]): ConversationState {
  const view = events.reduce<ReturnType<typeof foldConversation>>(foldConversation, state);
  if (view === 'deleted') throw new Error('deleted');
  return view;
}

describe('foldConversation', () => {
  const asked = fold(empty, [
    added(message(1, null, { text: 'Hi' })),
    added(message(2, id(1), { status: 'streaming', runId: RUN })),
  ]);

  it('adds messages that continue the branch in view', () => {
    expect(asked.messages.map(({ id: messageId }) => messageId)).toEqual([id(1), id(2)]);
    expect(asked.conversation.leafId).toBe(id(2));
  });

  it('leaves the view alone when a message belongs to another branch', () => {
    expect(fold(asked, [added(message(3, id(1)))])).toBe(asked);
  });

  it('joins deltas to the text that they were cut from, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 })), (pieces) => {
        let offset = 0;
        const deltas = pieces.map((text) => {
          const event = delta(offset, text);
          offset += text.length;
          return event;
        });
        expect(fold(asked, deltas).messages[1]?.text).toBe(pieces.join(''));
      }),
    );
  });

  it('refuses a delta that does not join', () => {
    expect(() => fold(asked, [delta(0, 'ab'), delta(3, 'c')])).toThrow(FoldMismatch);
    expect(() => fold(asked, [delta(0, 'ab'), delta(1, 'c')])).toThrow(FoldMismatch);
  });

  it('refuses an end whose length is not that of the text', () => {
    const end = (length: number): ConversationEvent => ({
      type: 'run.finished',
      data: { runId: RUN, messageId: id(2), status: 'completed', length },
    });
    expect(() => fold(asked, [delta(0, 'ab'), end(3)])).toThrow(FoldMismatch);
    expect(fold(asked, [delta(0, 'ab'), end(2)]).messages[1]).toMatchObject({ status: 'completed', text: 'ab' });
  });

  it('keeps the window of a snapshot, and says that there is more', () => {
    const long = Array.from({ length: MESSAGE_WINDOW + 3 }, (_, n) => added(message(n + 1, n === 0 ? null : id(n))));
    const state = fold(empty, long);
    expect(state.messages).toHaveLength(MESSAGE_WINDOW);
    expect(state.messages[0]?.id).toBe(id(4));
    expect(state.hasMore).toBe(true);
  });

  it('[L11] keeps the window short when its texts are long', () => {
    const half = 'x'.repeat(MESSAGE_WINDOW_LENGTH / 2);
    const long = [1, 2, 3, 4].map((n) => added(message(n, n === 1 ? null : id(n - 1), { text: n === 4 ? '' : half })));
    const state = fold(empty, long);
    expect(state.messages.map(({ id: messageId }) => messageId)).toEqual([id(2), id(3), id(4)]);
    const grown = fold(state, [
      { type: 'run.delta', data: { runId: RUN, messageId: id(4), offset: 0, text: 'and more' } },
    ]);
    expect(grown.messages.map(({ id: messageId }) => messageId)).toEqual([id(3), id(4)]);
    expect(grown.hasMore).toBe(true);
  });

  it('goes on with a reply that was stopped, and adds up what its runs used', () => {
    const run = (runId: string, offset: number, text: string): ConversationEvent[] => [
      { type: 'run.started', data: { runId, messageId: id(2), attempt: 1, model: 'm' } },
      { type: 'run.delta', data: { runId, messageId: id(2), offset, text } },
    ];
    const end = (runId: string, length: number): ConversationEvent => ({
      type: 'run.finished',
      data: {
        runId,
        messageId: id(2),
        status: 'failed',
        length,
        usage: { inputTokens: 10, outputTokens: 2, costMicros: 5 },
        error: { code: 'model_timeout', requestId: 'r' },
      },
    });
    const failed = fold(asked, [...run(id(501), 0, 'One'), end(id(501), 3)]);
    const again = fold(failed, run(id(502), 3, ', two'));
    expect(again.messages[1]).toMatchObject({ text: 'One, two', status: 'streaming', runId: id(502) });
    expect(again.messages[1]).not.toHaveProperty('error');
    const usage = { inputTokens: 20, outputTokens: 4, costMicros: 10 };
    const ended = fold(again, [end(id(502), 8)]);
    expect(ended.messages[1]?.usage).toEqual(usage);
    expect(ended.conversation.usage).toEqual(usage);
  });

  it('takes a rating, and takes it back', () => {
    const rate = (rating: 'up' | 'down' | null): ConversationEvent => ({
      type: 'message.rated',
      data: { messageId: id(2), rating },
    });
    expect(fold(asked, [rate('up'), rate('down')]).messages[1]?.rating).toBe('down');
    expect(fold(asked, [rate('up'), rate(null)])).toEqual(asked);
  });

  it('keeps queued messages in their order', () => {
    const queued = (n: number): QueuedMessage => ({ id: id(n), clientMessageId: id(n + 1), text: 'Q', createdAt: n });
    const add = (n: number): ConversationEvent => ({ type: 'queue.added', data: { message: queued(n) } });
    const state = fold(asked, [
      add(10),
      add(20),
      add(30),
      { type: 'queue.updated', data: { messageId: id(20), text: 'New' } },
      { type: 'queue.removed', data: { messageId: id(10) } },
    ]);
    expect(state.queue).toEqual([{ ...queued(20), text: 'New' }, queued(30)]);
  });

  it('holds the draft until it is empty', () => {
    const changed = (text: string): ConversationEvent => ({ type: 'draft.changed', data: { ...draft, text } });
    expect(fold(asked, [changed('Half a')]).draft).toEqual(draft);
    expect(fold(asked, [changed('Half a'), changed('')]).draft).toBeNull();
  });

  it('builds another branch from known messages and those of the event', () => {
    const other = { ...message(4, id(1), { text: 'Other' }), siblingIds: [id(2), id(4)] };
    const branch = { ids: [id(1), id(4)], messages: [other], hasMore: false };
    const event: ConversationEvent = {
      type: 'conversation.updated',
      data: { ...conversation, leafId: id(4), branch },
    };
    const state = fold(asked, [event]);
    expect(state.messages.map(({ text }) => text)).toEqual(['Hi', 'Other']);
    expect(() => fold(empty, [event])).toThrow(FoldMismatch);
  });

  it('stays deleted, and asks for a snapshot when that is undone', () => {
    const gone = foldConversation(asked, { type: 'conversation.deleted', data: { id: CONVERSATION } });
    expect(gone).toBe('deleted');
    expect(foldConversation(gone, delta(0, 'x'))).toBe('deleted');
    const restored: ConversationEvent = { type: 'conversation.restored', data: { id: CONVERSATION } };
    expect(() => foldConversation(gone, restored)).toThrow(FoldMismatch);
  });

  it('does not modify the previous state', () => {
    const before = structuredClone(asked);
    fold(asked, [delta(0, 'ab'), added(message(5, id(2)))]);
    expect(asked).toEqual(before);
  });
});

describe('foldUser', () => {
  const summary = (n: number, fields: Partial<ConversationSummary> = {}): ConversationSummary => ({
    ...line,
    id: id(n),
    leafId: null,
    running: false,
    updatedAt: n,
    ...fields,
  });
  const user = {
    id: id(1),
    email: 'a@example.com',
    name: 'A',
    picture: null,
    role: 'user' as const,
    preferences: {},
  };

  it('keeps the order of the sidebar, in whatever order the events arrive', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ n: fc.nat(50), pinned: fc.boolean() }), { selector: ({ n }) => n }),
        (lines) => {
          const start: UserState = { user, conversations: [], hasMore: false, draft: null, dismissed: [] };
          const state = lines.reduce(
            (before, { n, pinned }) => foldUser(before, { type: 'conversation.added', data: summary(n, { pinned }) }),
            start,
          );
          expect(state.conversations).toEqual([...state.conversations].sort(bySidebarOrder));
          expect(state.conversations).toHaveLength(lines.length);
        },
      ),
    );
  });

  it('replaces, removes, and takes the new role', () => {
    const one = foldUser(
      { user, conversations: [], hasMore: false, draft: null, dismissed: [] },
      { type: 'conversation.added', data: summary(1) },
    );
    const renamed = foldUser(one, { type: 'conversation.updated', data: summary(1, { title: 'New' }) });
    expect(renamed.conversations).toEqual([summary(1, { title: 'New' })]);
    expect(foldUser(renamed, { type: 'conversation.deleted', data: { id: id(1) } }).conversations).toEqual([]);
    expect(foldUser(one, { type: 'user.updated', data: { ...user, role: 'admin' } }).user.role).toBe('admin');
  });
});

describe('foldAdmin', () => {
  it('adds users who come online and removes those who leave', () => {
    const changed = (n: number, online: boolean) =>
      ({ type: 'presence.changed', data: { userId: id(n), online, lastSeenAt: 1 } }) as const;
    const state = [changed(2, true), changed(1, true), changed(2, true), changed(2, false)].reduce(foldAdmin, {
      online: [],
    });
    expect(state.online).toEqual([id(1)]);
  });
});
