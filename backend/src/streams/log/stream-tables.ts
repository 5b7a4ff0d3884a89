import type { InferKyselyDB } from '@mikro-orm/sql';
import type { EntityManager } from '../../database/database.js';
import type { SqlRow } from '../../database/sql/statement.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { ChatError, type StreamEvent, type StreamEvents } from '../../protocol/index.js';
import type { StreamEventSchema, StreamHeadSchema } from '../stream.entities.js';
import { READ_EPOCH, READ_HEADS } from '../journal/journal.statements.js';
import { INSERT_EVENTS, RAISE_HEADS, READ_EVENTS } from './stream.statements.js';

export interface StreamHeadView {
  readonly seq: number;
  /** Events up to this number may have been deleted. */
  readonly keptAfter: number;
}

const EMPTY_HEAD: StreamHeadView = { seq: 0, keptAfter: 0 };

/** The epoch of the database that this transaction sees; restoring a backup starts a new epoch. */
export async function readEpoch(transaction: RunsStatements): Promise<string> {
  const [row] = await transaction.all(READ_EPOCH, []);
  return epochOf(row?.['epoch']);
}

/** The head of a stream after it was raised, and the epoch. */
export interface RaisedHead {
  readonly seq: number;
  readonly epoch: string;
}

/** By how many events to raise the head of a stream; `floor` is its head by the journal; see `RAISE_HEADS`. */
export interface Raise {
  readonly stream: string;
  readonly by: number;
  readonly floor: number;
}

/** Raises heads. Other writers of these streams wait for the commit. */
export async function raiseHeads(
  transaction: RunsStatements,
  raises: readonly Raise[],
): Promise<ReadonlyMap<string, RaisedHead>> {
  const rows = await transaction.all(RAISE_HEADS, [raisesJson(raises)]);
  return new Map(rows.map(raisedHead));
}

/** The parameter of `RAISE_HEADS`. */
const raisesJson = (raises: readonly Raise[]): string =>
  JSON.stringify(raises.map(({ stream, by, floor }) => [stream, by, floor]));

/** A row of `RAISE_HEADS`. */
const raisedHead = ({ stream, seq, epoch }: SqlRow): [string, RaisedHead] => [
  String(stream),
  { seq: Number(seq), epoch: epochOf(epoch) },
];

/**
 * Reads the column `epoch`. It is missing while a backup is being restored: on PostgreSQL a transaction that began
 * before the restore sees none of the restored rows.
 * @throws ChatError `storage`
 */
export function epochOf(value: unknown): string {
  if (typeof value !== 'string') throw new ChatError('storage', 'The database is being restored.');
  return value;
}

export async function insertEvents(transaction: RunsStatements, batches: readonly StreamEvents[]): Promise<void> {
  const rows = batches.flatMap(({ stream, events }) =>
    events.map(({ seq, type, at, data }) => [stream, seq, type, at, JSON.stringify(data)]),
  );
  await transaction.all(INSERT_EVENTS, [JSON.stringify(rows)]);
}

/** The row of the head of a stream; zeros when there is none. */
export async function readHead(transaction: RunsStatements, stream: string): Promise<StreamHeadView> {
  return (await readHeads(transaction, [stream])).get(stream) ?? EMPTY_HEAD;
}

/** The heads of those streams that have events. */
export async function readHeads(
  transaction: RunsStatements,
  streams: readonly string[],
): Promise<ReadonlyMap<string, StreamHeadView>> {
  if (streams.length === 0) return new Map();
  const rows = await transaction.all(READ_HEADS, [JSON.stringify(streams)]);
  return new Map(
    rows.map((row) => [String(row['stream']), { seq: Number(row['seq']), keptAfter: Number(row['kept_after']) }]),
  );
}

/** Events after `seq` in order, at most `limit`. */
export async function readEvents(
  transaction: RunsStatements,
  stream: string,
  seq: number,
  limit: number,
): Promise<StreamEvent[]> {
  const rows = await transaction.all(READ_EVENTS, [stream, seq, limit]);
  // Only this log writes the rows, from typed events.
  return rows.map(
    (row) =>
      ({
        seq: Number(row['seq']),
        type: row['type'],
        at: Number(row['at']),
        data: JSON.parse(String(row['data'])) as unknown,
      }) as StreamEvent,
  );
}

/** Deletes the events of a stream up to `seq`, and records that in its head. */
export async function dropEvents(em: EntityManager, stream: string, seq: number): Promise<void> {
  const tables = em.getKysely<InferKyselyDB<typeof StreamHeadSchema | typeof StreamEventSchema>>();
  await tables
    .updateTable('stream_heads')
    .set({ kept_after: seq })
    .where('stream', '=', stream)
    .where('kept_after', '<', seq)
    .execute();
  await tables.deleteFrom('stream_events').where('stream', '=', stream).where('seq', '<=', seq).execute();
}
