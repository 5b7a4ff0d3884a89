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

/**
 * Where a reply goes. Both are called at once when something has been read, and must not wait for anything: the texts
 * in order, each a whole number of characters and none of them empty, then the usage, once, where the provider tells it.
 */
export interface ReplySink {
  text(text: string): void;
  usage(usage: Usage): void;
}
