import { randomUUID } from 'node:crypto';
import {
  type ConversationEvent,
  type ConversationState,
  conversationStream,
  foldConversation,
  type SendResult,
  type SubscribeResult,
} from '../../src/protocol/index.js';
import { type TestClient, until } from './test-client.js';

/** A message as a new page would send it. */
export const newMessage = (text = 'Hello', conversationId: string = randomUUID()) => ({
  clientMessageId: randomUUID(),
  conversationId,
  text,
});

/** Starts a conversation and subscribes to it. */
export async function begin(
  client: TestClient,
  text?: string,
): Promise<SendResult & { readonly conversationId: string; readonly stream: string }> {
  const message = newMessage(text);
  const sent = await client.command('message:send', message);
  const stream = conversationStream(message.conversationId);
  return { ...sent, conversationId: message.conversationId, stream };
}

/** Waits until the last reply has ended, which may be before the subscription. */
export const whenEnded = (client: TestClient, stream: string): Promise<ConversationState> =>
  until(async () => {
    const state = stateOf(await client.subscribe(stream));
    return state.messages.at(-1)?.status !== 'streaming' && state;
  }, 'the reply has ended');

/** Waits until the model has also generated the title: from then on nothing changes without a command. */
export const whenNamed = (client: TestClient, stream: string, title = 'A short title'): Promise<ConversationState> =>
  until(async () => {
    const state = await whenEnded(client, stream);
    return state.conversation.title === title && state;
  }, 'the conversation has its title');

/** The state that a page would have after a subscription. */
export function stateOf(result: SubscribeResult): ConversationState {
  if (result.mode !== 'snapshot') throw new Error('expected a snapshot');
  // The server made it with the same types.
  return result.state as ConversationState;
}

/** Applies events in order, like a page. */
export function foldAll(state: ConversationState, events: readonly ConversationEvent[]): ConversationState {
  let view = state;
  for (const event of events) {
    const next = foldConversation(view, event);
    if (next === 'deleted') throw new Error('the conversation was deleted');
    view = next;
  }
  return view;
}

/** The text of the last message. */
export const lastText = (state: ConversationState): string => state.messages.at(-1)?.text ?? '';
