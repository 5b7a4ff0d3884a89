import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuses, says } from '../../testing/model/script.js';
import { begin, newMessage, whenEnded, whenNamed } from '../support/conversation.js';
import type { TestClient } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { Collector, type SeenSpan } from './collector.js';

const QUESTION = 'canary-question about rhubarb';
const REPLY = ['canary-reply ', 'about ', 'rhubarb'];
const KEY = 'sk-canary-model-key';
const COLLECTOR_KEY = 'canary-collector-key';

describe.each(['http/protobuf', 'http/json'])('traces by %s', (protocol) => {
  let collector: Collector;
  let server: TestServer;
  let ada: TestPerson;
  let tab: TestClient;
  let send: SeenSpan;
  beforeAll(async () => {
    collector = await Collector.start();
    server = await TestServer.start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/otlp/`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${COLLECTOR_KEY}`,
      OTEL_SERVICE_NAME: 'chat',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=other',
      OPENAI_API_KEY: KEY,
      LOG_LEVEL: 'trace',
    });
    ada = await server.signIn('Ada');
    tab = await server.connect(ada);
    server.model.next(says(REPLY));
    const { stream } = await begin(tab, QUESTION);
    await whenNamed(tab, stream);
    send = await collector.span('message:send');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  const within = (name: string, parent: SeenSpan, fits?: (span: SeenSpan) => boolean) =>
    collector.span(name, (span) => span.parentSpanId === parent.spanId && (fits?.(span) ?? true));
  const finished = ({ attributes }: SeenSpan) => (attributes['lockstep.events'] as string[]).includes('run.finished');

  it('are one for a message: command, transaction, run, model call, commit and emit', async () => {
    expect(send.attributes).toMatchObject({ 'lockstep.command': 'message:send', 'lockstep.result': 'ok' });
    expect(send.parentSpanId ?? '').toBe('');
    const transaction = await within('transaction', send);
    expect(transaction.attributes['lockstep.transaction.kind']).toBe('commands');
    const run = await within('run', send);
    expect(run.attributes).toMatchObject({ 'lockstep.run.status': 'completed' });
    expect(run.attributes['lockstep.commits.count']).toBeGreaterThanOrEqual(1);
    expect(run.attributes['lockstep.commits.longest_ms']).toBeGreaterThanOrEqual(0);
    const call = await within('chat test-model', run);
    expect(call.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'test-model',
      'gen_ai.response.finish_reasons': ['stop'],
      'server.address': '127.0.0.1',
    });
    expect(call.attributes['gen_ai.usage.output_tokens']).toBeGreaterThan(0);
    expect(call.events).toContain('first token');
    const end = await within('transaction', run);
    const emit = await within('emit', run, finished);
    const ids = [send, transaction, run, call, end, emit].map(({ traceId }) => traceId);
    expect(new Set(ids)).toEqual(new Set([send.traceId]));
  });

  it('continue the trace of a request', async () => {
    const [traceId, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    await server.fetch('/api/profile/me?secret=canary-query', ada, {
      headers: { traceparent: `00-${traceId}-${parent}-01` },
    });
    const span = await collector.span('GET /api/profile/me', (one) => one.traceId === traceId);
    expect(span.parentSpanId).toBe(parent);
    expect(span.attributes).toMatchObject({ 'http.route': '/api/profile/me', 'http.response.status_code': 200 });
  });

  it('begin anew where the header is invalid', async () => {
    await server.fetch('/api/conversations', ada, { headers: { traceparent: '00-zz-zz-01' } });
    const span = await collector.span('GET /api/conversations');
    expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(span.parentSpanId ?? '').toBe('');
  });

  it('name the kind of a failure, and not what the provider says about it', async () => {
    server.model.next(refuses(400, { message: 'canary-refusal', code: 'content_policy_violation' }));
    const { stream, runId } = await begin(tab, 'Fail');
    await whenEnded(tab, stream);
    const run = await collector.span('run', ({ attributes }) => attributes['lockstep.run.id'] === runId);
    expect(run.status?.code).toBe(2);
    const call = await within('chat test-model', run);
    expect(call.attributes['error.type']).toBe(run.attributes['error.type']);
    expect(call.events).toContain('attempt failed');
  });

  it('record a refused command by its code, which is no failure of the server', async () => {
    const unknown = { ...newMessage('Hi'), model: 'unknown-model' };
    await expect(tab.command('message:send', unknown)).rejects.toThrow(/bad_request/);
    const span = await collector.span('message:send', ({ attributes }) => attributes['lockstep.result'] !== 'ok');
    expect(span.attributes['lockstep.result']).toBe('bad_request');
    expect(span.status?.code ?? 0).toBe(0);
  });

  it('go with their headers and resource to the path of traces', () => {
    expect(collector.paths).toContain('/otlp/v1/traces');
    expect(collector.headers[0]?.authorization).toBe(`Bearer ${COLLECTOR_KEY}`);
    expect(collector.resources[0]).toMatchObject({
      'service.name': 'chat',
      'deployment.environment.name': 'test',
      'process.pid': process.pid,
    });
  });

  it('do not go to the server of the model', () => {
    expect(server.model.requests.length).toBeGreaterThan(0);
    for (const { headers } of server.model.requests) expect(headers['traceparent']).toBeUndefined();
  });

  it('contain no text, address or key', () => {
    const text = collector.bytes.toString('latin1');
    expect(text).toContain('message:send');
    for (const secret of ['canary', 'rhubarb', 'ada@example.com', ada.token, KEY, 'A short title', ada.userId]) {
      expect({ secret, isThere: text.includes(secret) }).toEqual({ secret, isThere: false });
    }
  });
});

describe('a queued message', () => {
  it('has a trace of its own, linked to that of the reply before it', async () => {
    await using collector = await Collector.start();
    await using server = await TestServer.start({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/traces`,
      MODEL_TRACEPARENT: 'on',
    });
    const tab = await server.connect(await server.signIn('Ada'));
    const { conversationId, stream } = await begin(tab, 'One');
    await tab.command('message:send', { ...newMessage('Two', conversationId), queue: true });
    const queued = await collector.span('queue send').catch(() => undefined);
    await whenEnded(tab, stream);
    const first = await collector.span('message:send');
    // The first reply may have ended before the second message came.
    if (queued) expect(queued.links.map(({ traceId }) => traceId)).toContain(first.traceId);
    expect(collector.logs).toEqual([]);
    const call = await collector.span('chat test-model', ({ traceId }) => traceId === first.traceId);
    expect(server.model.requests[0]?.headers['traceparent']).toBe(`00-${call.traceId}-${call.spanId}-01`);
  });
});
