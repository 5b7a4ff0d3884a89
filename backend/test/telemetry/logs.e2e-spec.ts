import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LogOutput } from '../../src/common/log-output.js';
import { refuses } from '../../testing/model/script.js';
import { scaled } from '../../testing/pace.js';
import { keepLines } from '../attacks/support/kept-lines.js';
import { begin, whenEnded } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { Collector } from './collector.js';

interface Line {
  readonly msg?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
}

describe('the log', () => {
  let collector: Collector;
  let server: TestServer;
  let tab: TestClient;
  let lines: string[];
  const parsed = (): Line[] => lines.map((line) => JSON.parse(line) as Line);
  const named = (msg: RegExp): Line[] => parsed().filter((line) => msg.test(line.msg ?? ''));
  const fail = async (): Promise<void> => {
    server.model.next(refuses(401, { message: 'no' }));
    const { stream } = await begin(tab, 'Fail');
    await whenEnded(tab, stream);
  };
  beforeAll(async () => {
    collector = await Collector.start();
    server = await TestServer.start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
      LOG_LEVEL: 'debug',
    });
    lines = keepLines(server.get(LogOutput));
    tab = await server.connect(await server.signIn('Ada'));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  it('goes to the collector with severity, attributes and the ids of its trace, which standard output has too', async () => {
    await fail();
    const record = await collector.log('The model failed');
    expect(record).toMatchObject({ severityNumber: 13, severityText: 'WARN', attributes: { code: 'model_auth' } });
    const run = await collector.span('run');
    expect(record.traceId).toBe(run.traceId);
    expect(record.spanId).toBe(run.spanId);
    const [line] = named(/^The model failed$/);
    expect(line).toMatchObject({ trace_id: run.traceId, span_id: run.spanId });
    expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces', '/v1/logs']));
  });

  it.each(['refuses', 'hangs'] as const)('goes on when the collector %s, and messages are as fast', async (mood) => {
    collector.mood = mood;
    const startedAt = performance.now();
    for (let sent = 0; sent < 5; sent += 1) await whenEnded(tab, (await begin(tab, 'Hello')).stream);
    expect(performance.now() - startedAt).toBeLessThan(scaled(5_000));
    const before = lines.length;
    await fail();
    expect(lines.length).toBeGreaterThan(before);
    collector.mood = 'accepts';
  });

  it('says once that the collector does not accept anything', async () => {
    collector.mood = 'refuses';
    await fail();
    // A request that hangs is given up after ten seconds, and the next one is sent after it.
    await until(() => named(/collector did not accept/).length > 0, 'the warning', 40_000);
    collector.mood = 'accepts';
    expect(named(/collector did not accept/)).toHaveLength(1);
    expect(named(/collector did not accept/)[0]?.msg).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  });
});

describe('a stop', () => {
  it('sends the rest of the traces', async () => {
    await using collector = await Collector.start();
    await using server = await TestServer.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const tab = await server.connect(await server.signIn('Ada'));
    const { runId } = await begin(tab, 'Hello');
    await server.stop(scaled(5_000));
    expect(collector.spans.some(({ attributes }) => attributes['lockstep.run.id'] === runId)).toBe(true);
  });

  it('does not wait for a collector that hangs', async () => {
    await using collector = await Collector.start();
    await using server = await TestServer.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
    collector.mood = 'hangs';
    const tab = await server.connect(await server.signIn('Ada'));
    await whenEnded(tab, (await begin(tab, 'Hello')).stream);
    const startedAt = performance.now();
    await server.stop(0);
    expect(performance.now() - startedAt).toBeLessThan(scaled(3_000));
  });
});
