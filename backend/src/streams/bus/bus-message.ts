import { type CommittedBatch, eventsJsonOf, HeardBatch } from '../log/committed-batch.js';

/** Marks messages of this form: processes of another version may use the same bus while they are replaced. */
const FORM = '2';

/** One thing that a process tells the others. */
export type BusItem =
  /** Committed events; `line` is what is sent. */
  | { readonly kind: 'events'; readonly stream: string; readonly lastSeq: number; readonly line: string }
  /** The stream stands here: its events are too long for the bus, or too many wait. */
  | { readonly kind: 'head'; readonly stream: string; readonly lastSeq: number; readonly line: string }
  /** Streams have moved, too many to be named. */
  | { readonly kind: 'many'; readonly line: string };

/** What a line says to those who hear it. */
export type HeardItem =
  | { readonly kind: 'events'; readonly batch: HeardBatch }
  | { readonly kind: 'head'; readonly stream: string; readonly seq: number }
  | { readonly kind: 'many' };

/** The events as JSON, which has no line breaks of its own. */
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

/** Begins each message of a process; its lines follow. */
export const headerOf = (process: number): string => `${FORM} ${process}\n`;

/** The lines of a message that another process has sent; none of own ones, and of those of another version. */
export function linesOf(message: string, ownHeader: string): readonly string[] {
  if (message.startsWith(ownHeader) || !message.startsWith(`${FORM} `)) return [];
  return message.slice(message.indexOf('\n') + 1).split('\n');
}

/**
 * Reads a line; the JSON of events is not parsed, as most of it goes to sockets as it is.
 * @param isWanted asked first: on a bus for all, most lines are about streams that are not followed here
 * @returns `undefined` for what is not wanted, or not known
 */
export function readLine(line: string, isWanted: (stream: string) => boolean): HeardItem | undefined {
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
  return { kind: 'events', batch: new HeardBatch(stream, epoch, firstSeq, lastSeq, line.slice(at)) };
}

/** From a place to the next space, or to the end. */
function partOf(line: string, from: number): string {
  const to = line.indexOf(' ', from);
  return to === -1 ? line.slice(from) : line.slice(from, to);
}
