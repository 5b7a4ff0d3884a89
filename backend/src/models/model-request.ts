import type { ConversationSettings, Usage } from '../protocol/index.js';

/** The settings of a reply; for a missing key the default of the installation or of the provider applies. */
export type ReplySettings = Omit<ConversationSettings, 'model'>;

/**
 * A request to a model. `history` is in order, the oldest first, and ends with the question; the system prompt is not
 * part of it. `model` is an offered id. `requestId` is sent to the provider and logged, so that failures can be traced.
 * Aborting `signal` closes the connection to the model.
 */
export interface ModelRequest {
  readonly model: string;
  readonly history: readonly Turn[];
  readonly settings?: ReplySettings;
  /** The provider ends the reply before the first of these texts. */
  readonly stop?: readonly string[] | undefined;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/**
 * Receives a reply. Both functions are called synchronously as data arrives, and must not block: `text` with the pieces
 * in order, never empty and never splitting a character; then `usage` once, if the provider sends it.
 */
export interface ReplySink {
  text(text: string): void;
  usage(usage: Usage): void;
  /** Called once with the provider's reason for the end of the text, if it sends one. */
  finished?(reason: string): void;
}
