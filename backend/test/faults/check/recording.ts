import type { RunStatus, StreamEvent } from '../../../src/protocol/index.js';

/** An observation of one tab; `at` is in milliseconds since 1970. */
export type Entry =
  | { readonly kind: 'connected' | 'disconnected'; readonly at: number }
  /** An event arrived, live or replayed, whether or not the tab already had it. */
  | { readonly kind: 'received'; readonly at: number; readonly stream: string; readonly event: StreamEvent }
  | { readonly kind: 'snapshot'; readonly at: number; readonly stream: string; readonly seq: number }
  | { readonly kind: 'applied'; readonly at: number; readonly stream: string; readonly seq: number }
  /** The tab's text of a message became `text` from offset `from` on. */
  | {
      readonly kind: 'shown';
      readonly at: number;
      readonly stream: string;
      readonly messageId: string;
      readonly from: number;
      readonly text: string;
    }
  /** An event came too early, or a head showed that one is missing. `isUntouched`: the connection was not disturbed. */
  | {
      readonly kind: 'gap';
      readonly at: number;
      readonly stream: string;
      readonly cursor: number;
      readonly seq: number;
      readonly isUntouched: boolean;
    }
  /** An event did not fit the text. `isUntouched`: the text was not damaged on purpose. */
  | {
      readonly kind: 'mismatch';
      readonly at: number;
      readonly stream: string;
      readonly detail: string;
      readonly isUntouched: boolean;
    }
  | { readonly kind: 'lagging'; readonly at: number; readonly stream: string };

/** Everything that one tab has seen, and its final state. */
export interface Recording {
  readonly tab: string;
  readonly entries: readonly Entry[];
  /** By stream: the folded state and its cursor at the end of the round. */
  readonly final: ReadonlyMap<string, { readonly seq: number; readonly view: unknown }>;
}

/** A question that was sent, and the acknowledgements. */
export interface SentMessage {
  /** The stream of its conversation. */
  readonly stream: string;
  /** Unique, so that the message can be found in the database and at the model. */
  readonly question: string;
  /** The ids in all acknowledgements; they must be equal. */
  readonly acknowledged: readonly { readonly messageId: string; readonly runId: string }[];
  /** How often the model may have been called. */
  readonly attempts: number;
  /** How often the model was called. */
  readonly asked: number;
  /** The whole answer that the model planned; the stored text must be a prefix of it. */
  readonly planned: string;
  /** The required status of the run, if the fault determines it. */
  readonly expected: RunStatus | undefined;
}

export interface MessageRow {
  readonly id: string;
  readonly conversationId: string;
  readonly role: string;
  readonly text: string;
  readonly status: string;
  readonly runId: string | null;
  readonly clientMessageId: string | null;
}

export interface RunRow {
  readonly id: string;
  readonly conversationId: string;
  readonly messageId: string;
  /** The process whose journal rows contain its deltas, and its number in them. */
  readonly journal: number;
  readonly journalRun: number;
  readonly status: string;
  readonly finishedAt: number | null;
}

export interface EventRow {
  readonly stream: string;
  readonly seq: number;
  readonly type: string;
  readonly at: number;
  /** JSON. */
  readonly data: string;
}

export interface HeadRow {
  readonly stream: string;
  readonly seq: number;
  readonly keptAfter: number;
}

/** The rows of one user at the end. */
export interface DatabaseRows {
  readonly messages: readonly MessageRow[];
  readonly runs: readonly RunRow[];
  readonly events: readonly EventRow[];
  readonly heads: readonly HeadRow[];
}

/** Everything that is checked after a round. */
export interface Evidence {
  readonly recordings: readonly Recording[];
  readonly rows: DatabaseRows;
  readonly sent: readonly SentMessage[];
  /** New snapshots, by stream, taken at the end of the round. */
  readonly fresh: ReadonlyMap<string, { readonly seq: number; readonly view: unknown }>;
  readonly outages: readonly Outage[];
}

/** From the death of a process with running replies until a server was ready again. */
export interface Outage {
  readonly diedAt: number;
  readonly backAt: number;
}

export const RULES = ['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7', 'L8', 'L9', 'L10', 'L11'] as const;
export type Rule = (typeof RULES)[number];

export interface Violation {
  readonly rule: Rule;
  readonly detail: string;
}
