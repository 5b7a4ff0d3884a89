import { type KeyValues, readKeyValues } from './key-values.js';
import { type SamplerConfig, readSampler } from './sampler.js';

/** Where OpenTelemetry's traces and logs go; `undefined` for what is not exported. */
export interface TelemetryConfig {
  readonly traces: OtlpTarget | undefined;
  readonly logs: OtlpTarget | undefined;
  readonly serviceName: string;
  readonly resourceAttributes: KeyValues;
  readonly sampler: SamplerConfig;
}

/** One address of a collector, and how to send to it. */
export interface OtlpTarget {
  readonly url: string;
  readonly protocol: OtlpProtocol;
  /** May contain a key of the collector. */
  readonly headers: KeyValues;
}

export type OtlpProtocol = 'http/json' | 'http/protobuf';

/** The standard variables of OpenTelemetry, without empty ones. */
export interface TelemetrySettings {
  readonly OTEL_SDK_DISABLED: string;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_LOGS_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_HEADERS?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_LOGS_HEADERS?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_PROTOCOL: OtlpProtocol;
  readonly OTEL_EXPORTER_OTLP_TRACES_PROTOCOL?: OtlpProtocol | undefined;
  readonly OTEL_EXPORTER_OTLP_LOGS_PROTOCOL?: OtlpProtocol | undefined;
  readonly OTEL_TRACES_EXPORTER: 'otlp' | 'none';
  readonly OTEL_LOGS_EXPORTER: 'otlp' | 'none';
  readonly OTEL_SERVICE_NAME?: string | undefined;
  readonly OTEL_RESOURCE_ATTRIBUTES?: string | undefined;
  readonly OTEL_TRACES_SAMPLER: SamplerConfig['name'];
  readonly OTEL_TRACES_SAMPLER_ARG?: string | undefined;
}

const SERVICE_NAME = 'service.name';

/**
 * Reads OpenTelemetry's variables by its specification; `undefined` if nothing is exported.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function readTelemetry(settings: TelemetrySettings): {
  readonly telemetry: TelemetryConfig | undefined;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const pairs = (name: keyof TelemetrySettings): KeyValues => readKeyValues(name, settings[name], problems);
  const target = (signal: 'TRACES' | 'LOGS'): OtlpTarget | undefined => {
    const headers = { ...pairs('OTEL_EXPORTER_OTLP_HEADERS'), ...pairs(`OTEL_EXPORTER_OTLP_${signal}_HEADERS`) };
    const protocol = settings[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ?? settings.OTEL_EXPORTER_OTLP_PROTOCOL;
    const url = urlOf(signal, settings);
    return url === undefined ? undefined : { url, protocol, headers };
  };
  const [traces, logs] = [target('TRACES'), target('LOGS')];
  const resourceAttributes = pairs('OTEL_RESOURCE_ATTRIBUTES');
  const sampler = readSampler(settings.OTEL_TRACES_SAMPLER, settings.OTEL_TRACES_SAMPLER_ARG, problems);
  const serviceName = settings.OTEL_SERVICE_NAME ?? resourceAttributes[SERVICE_NAME] ?? 'lockstep';
  const isOn = settings.OTEL_SDK_DISABLED.trim().toLowerCase() !== 'true' && (traces ?? logs) !== undefined;
  return {
    telemetry: isOn ? { traces, logs, serviceName, resourceAttributes, sampler } : undefined,
    problems: [...new Set(problems)],
  };
}

/** An address for one signal is used as it is; the path of the signal is added to the common one. */
function urlOf(signal: 'TRACES' | 'LOGS', settings: TelemetrySettings): string | undefined {
  if (settings[`OTEL_${signal}_EXPORTER`] === 'none') return undefined;
  const own = settings[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
  if (own !== undefined) return new URL(own).href;
  const common = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (common === undefined) return undefined;
  const url = new URL(common);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal.toLowerCase()}`;
  return url.href;
}

/** A boolean that is neither `true` nor `false` counts as `false` by the specification, which asks for a warning. */
export function telemetryWarnings({ OTEL_SDK_DISABLED: value }: TelemetrySettings): string[] {
  if (/^\s*(true|false)\s*$/i.test(value)) return [];
  return ['OTEL_SDK_DISABLED takes true or false; it counts as false.'];
}
