import { type ExportResult, ExportResultCode } from '@opentelemetry/core';

const EVERY_MS = 60_000;

/** What the exporters of spans and of log records have in common. */
interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
}

/** Warns while the collector does not accept anything: once, and then at most once a minute. */
export class Watch {
  private warnedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly warn: (line: string) => void) {}

  /** Observes an exporter. The error is not logged: it may contain the answer of a proxy, or the address with a key. */
  over<Item, Watched extends Exporter<Item>>(exporter: Watched): Watched {
    const send = exporter.export.bind(exporter);
    exporter.export = (items: Item[], done) => {
      send(items, (result) => {
        if (result.code === ExportResultCode.FAILED) this.failed(items.length);
        done(result);
      });
    };
    return exporter;
  }

  private failed(items: number, now = performance.now()): void {
    if (now - this.warnedAt < EVERY_MS) return;
    this.warnedAt = now;
    this.warn(
      `The OpenTelemetry collector did not accept ${items} traces or log lines, which are lost. ` +
        'Lockstep goes on without it. Check OTEL_EXPORTER_OTLP_ENDPOINT and the collector.',
    );
  }
}
