import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findProgram } from '../../testing/find-program.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { chartsOf, filledIn, readDashboard } from '../../testing/monitoring/dashboard.js';
import { OUTAGES, type Outage } from '../database/outage.js';
import { begin } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { TestServer } from '../support/test-server.js';
import { readRules } from './alert-rules.js';
import { exposedMetrics, metricsIn } from './metric-names.js';
import { Monitoring } from './monitoring.js';

const TOKEN = 'a-token-for-prometheus';
const CHARTS = chartsOf(readDashboard());

describe('a server that is watched by Prometheus and Alertmanager as in ops/prometheus', () => {
  const missing = ['prometheus', 'prometheus-alertmanager'].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) {
    // oxlint-disable-next-line jest/no-disabled-tests
    it.skip(`sends its alerts with their runbooks (not run: ${missing} is not installed)`, () => undefined);
    return;
  }
  let outage: Outage;
  let database: TestDatabase;
  let model: ModelServer;
  let server: TestServer;
  let monitoring: Monitoring;
  beforeAll(async () => {
    const kind = OUTAGES.find(({ name }) => name === 'a read-only database');
    if (!kind) throw new Error('This outage works everywhere');
    outage = kind.make();
    database = await createTestDatabase(null);
    model = await ModelServer.start();
    server = await TestServer.start(
      { DATABASE_URL: `sqlite:${outage.path}`, METRICS_TOKEN: TOKEN, BACKUP_EVERY: '1d', BACKUP_KEEP: '1' },
      { database, model },
    );
    monitoring = await Monitoring.start(new URL(server.url).host, TOKEN);
  });
  afterAll(async () => {
    await monitoring[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    outage[Symbol.dispose]();
  });

  it('is read with its token', async () => {
    const tab = await server.connect(await server.signIn('Ada'));
    const { stream } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    const isRead = async () => (await monitoring.prometheus.query('up{job="lockstep"} == 1')).length === 1;
    await until(isRead, 'Prometheus has read the metrics');
    const ended = async () => (await monitoring.prometheus.query('lockstep_runs_ended_total{end="completed"} == 1'))[0];
    await until(ended, 'Prometheus knows of the reply');
  });

  it('has every metric that rules and panels name', async () => {
    const exposed = exposedMetrics(await (await server.fetch('/metrics', { token: TOKEN })).text());
    const rules = readRules().groups.flatMap((group) => group.rules);
    const named = [...rules, ...CHARTS.flatMap(({ targets }) => targets)].flatMap(({ expr }) => metricsIn(expr));
    expect([...new Set(named)].filter((name) => !exposed.has(name))).toEqual([]);
  });

  it.each(CHARTS.map(({ title, targets }) => [title, targets] as const))(
    'can draw the panel "%s"',
    async (_title, targets) => {
      for (const { expr } of targets) await monitoring.prometheus.query(filledIn(expr, '5m'));
    },
  );

  it('evaluates all rules', async () => {
    const rules = async () => monitoring.prometheus.rules();
    await until(async () => (await rules()).every(({ health }) => health !== 'unknown'), 'all rules are evaluated');
    const loaded = await rules();
    expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(loaded).toHaveLength(readRules().groups.flatMap((group) => group.rules).length);
  });

  it('sends an alert with its runbook while its database cannot be written, and its end afterwards', async () => {
    expect(monitoring.receiver.alerts).toEqual([]);
    await outage.begin(server);
    expect(await monitoring.receiver.alert('LockstepDatabaseNotWritable', 'firing')).toMatchObject({
      path: '/critical',
      labels: { job: 'lockstep', instance: new URL(server.url).host, severity: 'critical' },
      annotations: {
        summary: expect.stringContaining('cannot write to its database'),
        runbook_url: expect.stringMatching(/\/docs\/runbooks\/LockstepDatabaseNotWritable\.md$/),
      },
    });
    await outage.end(server);
    await monitoring.receiver.alert('LockstepDatabaseNotWritable', 'resolved');
  });

  it('is missed when it is gone', async () => {
    await server.stop();
    expect(await monitoring.receiver.alert('LockstepDown', 'firing')).toMatchObject({
      path: '/critical',
      annotations: { runbook_url: expect.stringMatching(/\/docs\/runbooks\/LockstepDown\.md$/) },
    });
  });
});
