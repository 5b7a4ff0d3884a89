import type { ConversationSettings, Usage } from '../protocol/index.js';

/** How a reply is asked for; a missing key leaves it to the installation, or to the provider. */
export type ReplySettings = Omit<ConversationSettings, 'model'>;

/**
 * One question to a model. `history` is oldest first and ends with the question; the system prompt is not part of it.
 * `model` is one of the allowed ids. `requestId` goes to the provider and into the log, so that a failure can be traced.
 * Aborting `signal` closes the connection to the model.
 */
export interface ModelRequest {
  readonly model: string;
  readonly history: readonly Turn[];
  readonly settings?: ReplySettings;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** What a reply is made of: texts that follow one another, each a whole number of characters, and the usage at most once. */
export type ModelPiece =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'usage'; readonly usage: Usage };
