import type { z } from 'zod';
import {
  type AdminEvent,
  adminEvents,
  type AdminState,
  adminState,
  type ChatEvent,
  type ConversationEvent,
  conversationEvents,
  conversationState,
  type ConversationView,
  foldAdmin,
  foldConversation,
  FoldMismatch,
  foldTeam,
  foldUser,
  type StreamEvent,
  type TeamEvent,
  teamEvents,
  type TeamState,
  teamState,
  type UserEvent,
  userEvents,
  type UserState,
  userState,
} from '#protocol';

/** The state and events of one kind of stream, and how events change its view. */
export interface StreamKind<View, Event extends ChatEvent> {
  /** @throws ZodError for a state of another shape. */
  readonly parseState: (state: unknown) => View;
  /** `undefined` for a type of event that this page does not know: a newer server may send more types. */
  readonly parseEvent: (event: StreamEvent) => Event | undefined;
  readonly fold: (view: View, event: Event) => View;
}

/** The cast is sound: `schemas` holds exactly the events of one kind of stream, and the data has passed its schema. */
const eventParser =
  <Event extends ChatEvent>(schemas: { readonly [Type in Event['type']]: z.ZodType }): StreamKind<
    unknown,
    Event
  >['parseEvent'] =>
  ({ type, data }) => {
    const schema = Object.entries<z.ZodType>(schemas).find(([known]) => known === type)?.[1];
    if (!schema) return undefined;
    const parsed = schema.safeParse(data);
    if (!parsed.success) throw new FoldMismatch(`${type} has another shape`, { cause: parsed.error });
    return { type, data: parsed.data } as Event;
  };

export const conversationKind: StreamKind<ConversationView, ConversationEvent> = {
  parseState: (state) => conversationState.parse(state),
  parseEvent: eventParser<ConversationEvent>(conversationEvents),
  fold: foldConversation,
};

export const userKind: StreamKind<UserState, UserEvent> = {
  parseState: (state) => userState.parse(state),
  parseEvent: eventParser<UserEvent>(userEvents),
  fold: foldUser,
};

export const teamKind: StreamKind<TeamState, TeamEvent> = {
  parseState: (state) => teamState.parse(state),
  parseEvent: eventParser<TeamEvent>(teamEvents),
  fold: foldTeam,
};

export const adminKind: StreamKind<AdminState, AdminEvent> = {
  parseState: (state) => adminState.parse(state),
  parseEvent: eventParser<AdminEvent>(adminEvents),
  fold: foldAdmin,
};
