import type { RunStatus, StreamEvent } from '../../../src/protocol/index.js';

/** One thing that happened to a tab; `at` is in milliseconds since 1970. */
export type Entry =
  | { readonly kind: 'connected' | 'disconnected'; readonly at: number }
  /** An event arrived, live or replayed, whether or not the tab had it already. */
  | { readonly kind: 'received'; readonly at: number; readonly stream: string; readonly event: StreamEvent }
  | { readonly kind: 'snapshot'; readonly at: number; readonly stream: string; readonly seq: number }
  | { readonly kind: 'applied'; readonly at: number; readonly stream: string; readonly seq: number }
  /** From `from` on, the tab's text of a message was now `text`. */
  | {
      readonly kind: 'shown';
      readonly at: number;
      readonly stream: string;
      readonly messageId: string;
      readonly from: number;
      readonly text: string;
    }
  /** An event came too early, or a head said that one is missing. `isUntouched`: nothing was done to the connection. */
  | {
      readonly kind: 'gap';
      readonly at: number;
      readonly stream: string;
      readonly cursor: number;
      readonly seq: number;
      readonly isUntouched: boolean;
    }
  /** An event did not fit the text. `isUntouched`: nobody had damaged it. */
  | {
      readonly kind: 'mismatch';
      readonly at: number;
      readonly stream: string;
      readonly detail: string;
      readonly isUntouched: boolean;
    }
  | { readonly kind: 'lagging'; readonly at: number; readonly stream: string };

/** Everything that one tab saw, and what it shows at the end. */
export interface Recording {
  readonly tab: string;
  readonly entries: readonly Entry[];
  /** By stream: the folded state and its cursor when the round was over. */
  readonly final: ReadonlyMap<string, { readonly seq: number; readonly view: unknown }>;
}

/** A question that was sent, and what the server said about it. */
export interface SentMessage {
  /** The conversation's. */
  readonly stream: string;
  /** Unlike any other, so that the message is known again in the database and at the model. */
  readonly question: string;
  /** The ids of every acknowledgement: the same ones each time. */
  readonly acknowledged: readonly { readonly messageId: string; readonly runId: string }[];
  /** How often the model may have been asked. */
  readonly attempts: number;
  /** How often it was. */
  readonly asked: number;
  /** The whole answer that the model had planned; what was stored must be a beginning of it. */
  readonly planned: string;
  /** What has to become of the run, where the fault leaves no choice. */
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
  /** The process whose rows of the journal have its deltas, and what they call it. */
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

/** What the database holds in the end of one person. */
export interface DatabaseRows {
  readonly messages: readonly MessageRow[];
  readonly runs: readonly RunRow[];
  readonly events: readonly EventRow[];
  readonly heads: readonly HeadRow[];
}

/** All that a round leaves behind. */
export interface Evidence {
  readonly recordings: readonly Recording[];
  readonly rows: DatabaseRows;
  readonly sent: readonly SentMessage[];
  /** Fresh snapshots, by stream, taken when the round was over. */
  readonly fresh: ReadonlyMap<string, { readonly seq: number; readonly view: unknown }>;
  readonly outages: readonly Outage[];
}

/** From the death of a process that was answering to the moment when a server was ready again. */
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
