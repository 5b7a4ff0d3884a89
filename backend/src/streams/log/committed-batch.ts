import type { StreamEvent, StreamEvents } from '../../protocol/index.js';
import { type DeltaSource, deltaEvent, type NumberedDelta } from '../journal/delta-tail.js';

/** Consecutive events of one stream that are committed, as listeners are told of them. */
export interface CommittedBatch extends StreamEvents {
  /** The number of the first event; 0 when there is none. */
  readonly firstSeq: number;
  /** The number of the last event; 0 when there is none. */
  readonly lastSeq: number;
  /** The batch as JSON, `{stream, epoch, events}`: made once, whatever the number of tabs. */
  readonly json: string;
}

/** Events that were written as rows. */
export class EventBatch implements CommittedBatch {
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

/** The part of a batch's JSON that has the events. Names of streams and epochs need no escaping. */
export const eventsJsonOf = ({ stream, epoch, json }: CommittedBatch): string =>
  json.slice(BEFORE_EVENTS + stream.length + epoch.length, -1);

const batchJson = (stream: string, epoch: string, eventsJson: string): string =>
  `{"stream":"${stream}","epoch":"${epoch}","events":${eventsJson}}`;
const BEFORE_EVENTS = '{"stream":"","epoch":"","events":'.length;

/** Events that another process has committed, as it has told them: parsed only for those who ask. */
export class HeardBatch implements CommittedBatch {
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
    // Only this log makes them, from what the compiler had checked.
    return JSON.parse(this.eventsJson) as StreamEvent[];
  }
}

/** One delta that was written to the journal. Its JSON is put together from the text that the journal has as well. */
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
    // Ids and numbers need no escaping either.
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
