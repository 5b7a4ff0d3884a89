import type { StreamEvent, StreamEvents } from '../../protocol/index.js';
import { currentSpan, type Span } from '../../tracing/span.js';
import { type DeltaSource, deltaEvent, type NumberedDelta } from '../journal/delta-tail.js';

/** Consecutive committed events of one stream, as listeners receive them. */
export interface CommittedBatch extends StreamEvents {
  /** The number of the first event; 0 when there is none. */
  readonly firstSeq: number;
  /** The number of the last event; 0 when there is none. */
  readonly lastSeq: number;
  /** The batch as JSON, `{stream, epoch, events}`: serialised once for all tabs. */
  readonly json: string;
  /** The span of the work that has committed the batch, in this process. */
  readonly span?: Span | undefined;
}

/** Events that were written as rows. */
export class EventBatch implements CommittedBatch {
  readonly span = currentSpan();
  private text: string | undefined;

  constructor(
    readonly stream: string,
    readonly epoch: string,
    readonly events: StreamEvent[],
  ) {}

  get firstSeq(): number {
    return this.events[0]?.seq ?? 0;
  }

  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  get json(): string {
    const { stream, epoch, events } = this;
    return (this.text ??= JSON.stringify({ stream, epoch, events }));
  }
}

/** The list of events in the JSON of a batch. Stream names and epochs need no escaping, so their lengths are known. */
export const eventsJsonOf = ({ stream, epoch, json }: CommittedBatch): string =>
  json.slice(BEFORE_EVENTS + stream.length + epoch.length, -1);

const batchJson = (stream: string, epoch: string, eventsJson: string): string =>
  `{"stream":"${stream}","epoch":"${epoch}","events":${eventsJson}}`;
const BEFORE_EVENTS = '{"stream":"","epoch":"","events":'.length;

/** Events that another process committed, as they came over the bus: parsed only when `events` is read. */
export class ReceivedBatch implements CommittedBatch {
  constructor(
    readonly stream: string,
    readonly epoch: string,
    readonly firstSeq: number,
    readonly lastSeq: number,
    private readonly eventsJson: string,
  ) {}

  get json(): string {
    return batchJson(this.stream, this.epoch, this.eventsJson);
  }

  get events(): StreamEvent[] {
    // Only this log writes them, from typed events.
    return JSON.parse(this.eventsJson) as StreamEvent[];
  }
}

/** One delta that was written to the journal. Its JSON reuses the serialised text of the journal's row. */
export class DeltaBatch implements CommittedBatch {
  readonly json: string;

  /** @param textJson the delta's text as JSON */
  constructor(
    readonly epoch: string,
    private readonly source: DeltaSource,
    private readonly delta: NumberedDelta,
    textJson: string,
  ) {
    const { stream, runId, messageId } = source;
    const { seq, at, offset } = delta;
    // Ids and numbers need no escaping.
    const data = `{"runId":"${runId}","messageId":"${messageId}","offset":${offset},"text":${textJson}}`;
    this.json = batchJson(stream, epoch, `[{"seq":${seq},"type":"run.delta","at":${at},"data":${data}}]`);
  }

  get stream(): string {
    return this.source.stream;
  }

  get firstSeq(): number {
    return this.delta.seq;
  }

  get lastSeq(): number {
    return this.delta.seq;
  }

  get events(): StreamEvent[] {
    return [deltaEvent(this.source, this.delta)];
  }
}
