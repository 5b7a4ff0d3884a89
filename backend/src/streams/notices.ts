import { Buffer } from 'node:buffer';
import type { StreamEvents } from '../protocol/index.js';
import type { CommittedBatch } from './committed-batch.js';

/** The channel of PostgreSQL; the statements that notify name it as well. */
export const CHANNEL = 'lockstep';

/** What fits into a notification of PostgreSQL, in bytes; it must be shorter than 8,000. */
export const MAX_NOTICE_BYTES = 7_900;
/** How much of that the deltas of a commit may fill. */
export const MAX_DELTA_BYTES = MAX_NOTICE_BYTES - 100;

/**
 * What a process tells the others with a commit. It need not arrive: whatever is not in it, or lost with it, is found in
 * the log.
 */
export type Notice =
  /** A row of the journal; with `data`, the row itself, where it is short. */
  | {
      readonly kind: 'deltas';
      readonly process: number;
      readonly n: number;
      readonly at: number;
      readonly epoch: string;
      readonly data: string | undefined;
    }
  /** Events, as they are told. */
  | { readonly kind: 'events'; readonly process: number; readonly batches: readonly StreamEvents[] }
  /** Streams that have moved, and where they stand: their events are too long for a notification. */
  | { readonly kind: 'heads'; readonly process: number; readonly heads: readonly (readonly [string, number])[] }
  /** Streams have moved, too many to be named. */
  | { readonly kind: 'many'; readonly process: number };

/** The notification of a transaction that writes events: the events, or at least the names of their streams. */
export function noticeOf(process: number, batches: readonly CommittedBatch[]): string {
  const events = `e ${process} [${batches.map(({ json }) => json).join(',')}]`;
  if (Buffer.byteLength(events) <= MAX_NOTICE_BYTES) return events;
  const heads = `h ${process} ${JSON.stringify(batches.map(({ stream, lastSeq }) => [stream, lastSeq]))}`;
  return Buffer.byteLength(heads) <= MAX_NOTICE_BYTES ? heads : `m ${process}`;
}

/** Which process has sent a notification. */
export const senderOf = (payload: string): number => Number.parseInt(payload.slice(2, 13), 10);

/** @returns `undefined` for what this version does not know */
export function parseNotice(payload: string): Notice | undefined {
  const [, letter, sender = '', rest = ''] = /^([a-z]) (\d+)(?: ([^]*))?$/.exec(payload) ?? [];
  const process = Number(sender);
  switch (letter) {
    case 'd': {
      const [, n, at, epoch = '', data] = /^(\d+) (\d+) (\S+)(?: ([^]*))?$/.exec(rest) ?? [];
      return { kind: 'deltas', process, n: Number(n), at: Number(at), epoch, data };
    }
    // Only this log makes them, from what the compiler had checked.
    case 'e':
      return { kind: 'events', process, batches: JSON.parse(rest) as StreamEvents[] };
    case 'h':
      return { kind: 'heads', process, heads: JSON.parse(rest) as [string, number][] };
    case 'm':
      return { kind: 'many', process };
    case undefined:
    default:
      return undefined;
  }
}
