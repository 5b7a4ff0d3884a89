import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { OtlpTarget } from '../../config/telemetry/telemetry-config.js';
import { recordOf } from './log-record.js';
import type { Watch } from './watch.js';

export interface Logs {
  readonly line: (line: string) => void;
  close(): Promise<void>;
}

/** Lines wait in a queue of 2,048, and are dropped when it is full; standard output has all of them. */
export function openLogs({ url, headers, protocol }: OtlpTarget, resource: Resource, watch: Watch): Logs {
  const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const exporter = watch.over<ReadableLogRecord, JsonExporter>(new Exporter({ url, headers: { ...headers } }));
  const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('lockstep');
  return {
    line(line) {
      const record = recordOf(line);
      if (record) logger.emit(record);
    },
    close: () => provider.shutdown(),
  };
}
