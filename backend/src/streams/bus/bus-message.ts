import { type CommittedBatch, eventsJsonOf, ReceivedBatch } from '../log/committed-batch.js';

/** The version of the format: during an update processes of two versions may use the same bus. */
const FORM = '2';

/** One item that a process sends to the others. */
export type BusItem =
  /** Committed events; `line` is what is sent. */
  | { readonly kind: 'events'; readonly stream: string; readonly lastSeq: number; readonly line: string }
  /** Only the head of a stream, because its events are too long for the bus or too many are waiting. */
  | { readonly kind: 'head'; readonly stream: string; readonly lastSeq: number; readonly line: string }
  /** Too many streams have new events to be listed. */
  | { readonly kind: 'many'; readonly line: string };

/** One received item. */
export type ReceivedItem =
  | { readonly kind: 'events'; readonly batch: ReceivedBatch }
  | { readonly kind: 'head'; readonly stream: string; readonly seq: number }
  | { readonly kind: 'many' };

/** An item with the events as JSON, which contains no line breaks. */
export function eventsItem(batch: CommittedBatch): BusItem {
  const { stream, epoch, firstSeq, lastSeq } = batch;
  const line = `e ${stream} ${epoch} ${firstSeq} ${lastSeq} ${eventsJsonOf(batch)}`;
  return { kind: 'events', stream, lastSeq, line };
}

export const headItem = (stream: string, lastSeq: number): BusItem => ({
  kind: 'head',
  stream,
  lastSeq,
  line: `h ${stream} ${lastSeq}`,
});

export const MANY: BusItem = { kind: 'many', line: 'm' };

/** The first line of each message of a process. */
export const headerOf = (process: number): string => `${FORM} ${process}\n`;

/** The lines of a message of another process; empty for own messages, and for messages of another version. */
export function linesOf(message: string, ownHeader: string): readonly string[] {
  if (message.startsWith(ownHeader) || !message.startsWith(`${FORM} `)) return [];
  return message.slice(message.indexOf('\n') + 1).split('\n');
}

/**
 * Parses a line. The JSON of events is not parsed, because most of it is forwarded to sockets unchanged.
 * @param isWanted called first: on a shared bus most lines are about streams that this process does not follow
 * @returns `undefined` for streams that are not wanted, and for unknown lines
 */
export function readLine(line: string, isWanted: (stream: string) => boolean): ReceivedItem | undefined {
  const [kind, stream] = [line.slice(0, 2), partOf(line, 2)];
  if (line === MANY.line) return { kind: 'many' };
  if (!isWanted(stream)) return undefined;
  if (kind === 'h ') return { kind: 'head', stream, seq: Number(line.slice(3 + stream.length)) };
  if (kind !== 'e ') return undefined;
  let at = 3 + stream.length;
  const next = (): string => {
    const part = partOf(line, at);
    at += part.length + 1;
    return part;
  };
  const [epoch, firstSeq, lastSeq] = [next(), Number(next()), Number(next())];
  return { kind: 'events', batch: new ReceivedBatch(stream, epoch, firstSeq, lastSeq, line.slice(at)) };
}

/** The text from `from` to the next space, or to the end. */
function partOf(line: string, from: number): string {
  const to = line.indexOf(' ', from);
  return to === -1 ? line.slice(from) : line.slice(from, to);
}
