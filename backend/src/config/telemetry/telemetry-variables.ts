import { z } from 'zod';
import { SAMPLERS } from './sampler.js';

const address = z.url({ protocol: /^https?$/, error: 'takes an address such as http://collector:4318' });
const protocol = z.enum(
  ['http/protobuf', 'http/json'],
  'takes http/protobuf or http/json; grpc is not supported: collectors accept http on port 4318',
);
const exporter = z.enum(['otlp', 'none'], 'takes otlp or none').default('otlp');

/** OpenTelemetry's variables, under the names and with the defaults of its specification. */
export const telemetryVariables = {
  OTEL_SDK_DISABLED: z.string().default('false'),
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: z.string().optional(),
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: z.string().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.default('http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: protocol.optional(),
  OTEL_TRACES_EXPORTER: exporter,
  OTEL_LOGS_EXPORTER: exporter,
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS, `takes ${SAMPLERS.join(', ')}`).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.string().optional(),
  MODEL_TRACEPARENT: z.enum(['on', 'off']).default('off'),
  LANGCHAIN_TRACING: z.enum(['on', 'off'], 'takes on or off').default('off'),
  LANGSMITH_API_KEY: z.string().optional(),
  LANGSMITH_ENDPOINT: address.optional(),
  LANGSMITH_PROJECT: z.string().optional(),
} as const;
