import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../read-config.js';

const read = (env: Record<string, string>) => readConfig({ APP_SECRET: 'x'.repeat(32), ...env });
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('the configuration of OpenTelemetry', () => {
  it('exports nothing without an address', () => {
    expect(read({}).telemetry).toBeUndefined();
    expect(read({ OTEL_SERVICE_NAME: 'chat' }).telemetry).toBeUndefined();
  });

  it('adds the paths of the signals to the common address, and none to their own', () => {
    const { telemetry } = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/otlp/',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://logs.example.org/in',
    });
    expect(telemetry).toMatchObject({
      serviceName: 'lockstep',
      traces: { url: 'http://collector:4318/otlp/v1/traces', protocol: 'http/protobuf' },
      logs: { url: 'https://logs.example.org/in' },
    });
  });

  it.each(['true', 'TRUE'])('is off with OTEL_SDK_DISABLED=%s', (value) => {
    expect(read({ ...ENDPOINT, OTEL_SDK_DISABLED: value }).telemetry).toBeUndefined();
  });

  it('is on with any other value of OTEL_SDK_DISABLED, with a warning', () => {
    const config = read({ ...ENDPOINT, OTEL_SDK_DISABLED: 'yes' });
    expect(config.telemetry).toBeDefined();
    expect(config.warnings).toContainEqual(expect.stringContaining('OTEL_SDK_DISABLED'));
  });

  it('leaves a signal out whose exporter is none', () => {
    const { telemetry } = read({ ...ENDPOINT, OTEL_LOGS_EXPORTER: 'none' });
    expect(telemetry?.logs).toBeUndefined();
    expect(telemetry?.traces).toBeDefined();
  });

  it('reads headers and attributes, with the values of a signal and the name of the service first', () => {
    const { telemetry } = read({
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc%3D, x-team=one',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=two',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,k8s.pod.name=chat-0',
      OTEL_SERVICE_NAME: 'chat',
    });
    expect(telemetry?.traces?.headers).toEqual({ authorization: 'Basic abc=', 'x-team': 'two' });
    expect(telemetry?.logs?.headers).toEqual({ authorization: 'Basic abc=', 'x-team': 'one' });
    expect(telemetry?.resourceAttributes['k8s.pod.name']).toBe('chat-0');
    expect(telemetry?.serviceName).toBe('chat');
  });

  it('reads the sampler and its ratio', () => {
    const env = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
    expect(read({ ...ENDPOINT, ...env }).telemetry?.sampler).toEqual({ name: 'parentbased_traceidratio', ratio: 0.25 });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', /grpc is not supported/],
    ['OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', 'xml', /takes http\/protobuf or http\/json/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', /takes an address/],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a secret', /takes key=value/],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%zz', /takes key=value/],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', /takes always_on/],
    ['OTEL_TRACES_EXPORTER', 'zipkin', /takes otlp or none/],
    ['LANGCHAIN_TRACING', 'true', /takes on or off/],
    ['LANGCHAIN_TRACING', 'on', /LANGSMITH_API_KEY: is missing/],
  ])('refuses %s=%s', (name, value, sentence) => {
    expect(() => read({ ...ENDPOINT, [name]: value })).toThrow(sentence);
    expect(() => read({ ...ENDPOINT, [name]: value })).not.toThrow(/a secret/);
  });

  it('refuses a ratio that is none', () => {
    const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' };
    expect(() => read({ ...ENDPOINT, ...env })).toThrow('OTEL_TRACES_SAMPLER_ARG: takes a number from 0 to 1');
  });
});
