import { Logger } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { within } from '../../common/within.js';
import type { TypedChannel } from '../../telemetry.js';

/** Prometheus waits ten seconds; the probe of PostgreSQL takes three. */
const READ_WITHIN_MS = 5_000;

/** Some metrics that belong together. They are created only if they can be read. */
export interface MetricGroup {
  /** Adds the metrics, and starts to listen to the channels that they are counted from. */
  addTo(metrics: MetricSet): void;
}

/** The metrics of this process; `docs/metrics.md` describes each. */
export class MetricSet implements Disposable {
  readonly registry = new Registry();
  private readonly logger = new Logger(MetricSet.name);
  private readonly ends: (() => void)[] = [];

  constructor(private readonly readMs = READ_WITHIN_MS) {}

  /** @param buckets upper bounds, in the unit of the metric */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    ...labelNames: Label[]
  ): Histogram<Label> {
    return new Histogram({ name, help, buckets: [...buckets], labelNames, registers: [this.registry] });
  }

  counter<Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** A counter whose values are set when the metrics are read. */
  countedElsewhere<Label extends string = never>(
    name: string,
    help: string,
    read: (counter: Counter<Label>) => void,
    ...labelNames: Label[]
  ): void {
    const collect = (): void => {
      counter.reset();
      read(counter);
    };
    const counter: Counter<Label> = new Counter({ name, help, labelNames, registers: [this.registry], collect });
  }

  /** A value that is read together with the metrics. It is missing when it cannot be read in time. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const collect = async (): Promise<void> => {
      const value = await this.inTime(name, read);
      if (value === undefined) gauge.remove();
      else gauge.set(value);
    };
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect });
  }

  /** Listens to a channel until this is disposed of. */
  on<Message extends object>(channel: TypedChannel<Message>, listener: (message: Message) => void): void {
    this.ends.push(channel.subscribe(listener));
  }

  /** Calls `end` when this is disposed of. */
  onEnd(end: () => void): void {
    this.ends.push(end);
  }

  [Symbol.dispose](): void {
    for (const end of this.ends.splice(0)) end();
  }

  /** One value must not keep back all others, which are needed most when something does not answer. */
  private async inTime(name: string, read: () => number | Promise<number>): Promise<number | undefined> {
    let value: number | undefined;
    const reading = async (): Promise<void> => void (value = await read());
    try {
      if (await within(this.readMs, reading())) return value;
      this.logger.warn({ msg: 'A metric was left out: it was not read in time', name, ms: this.readMs });
    } catch (error) {
      this.logger.warn({ msg: 'A metric was left out: it could not be read', name, err: error });
    }
    return undefined;
  }
}
