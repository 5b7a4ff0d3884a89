import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { chartsOf, readDashboard } from '../../testing/monitoring/dashboard.js';
import { readRules } from './alert-rules.js';
import { documentedMetrics, metricsIn } from './metric-names.js';

const DASHBOARD = readDashboard();
const CHARTS = chartsOf(DASHBOARD);
const ROWS = ['Overview', 'Latency', 'Database', 'Sockets', 'Models', 'Process'];

const provisioned = (path: string): unknown => parse(readFileSync(`ops/grafana/provisioning/${path}`, 'utf8'));

describe('the dashboard', () => {
  it('has its rows, and panels with ids and titles of their own', () => {
    const rows = DASHBOARD.panels.filter(({ type }) => type === 'row');
    expect(rows.map(({ title }) => title)).toEqual(ROWS);
    const unique = (values: readonly unknown[]) => expect(new Set(values).size).toBe(values.length);
    unique(DASHBOARD.panels.map(({ id }) => id));
    unique(CHARTS.map(({ title }) => title));
  });

  it('has no panels that overlap or stick out', () => {
    const taken = new Map<string, string>();
    for (const { gridPos, title } of DASHBOARD.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, taken.get(`${x},${y}`)]).toEqual([title, undefined]);
          taken.set(`${x},${y}`, title);
        }
      }
    }
  });

  it('lets people choose the data source and the processes', () => {
    expect(DASHBOARD.templating.list).toEqual([
      expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' }),
      expect.objectContaining({ name: 'instance', type: 'query', multi: true, includeAll: true }),
    ]);
    for (const { expr } of CHARTS.flatMap(({ targets }) => targets)) {
      const selectors = expr.match(/\{[^}]+\}/g) ?? [];
      expect(selectors).not.toEqual([]);
      for (const selector of selectors) expect(selector).toContain('job="lockstep", instance=~"$instance"');
    }
  });

  it('can be provisioned with the files next to it', () => {
    const { datasources } = provisioned('datasources/prometheus.yml') as { datasources: unknown[] };
    expect(datasources).toEqual([expect.objectContaining({ type: 'prometheus', url: 'http://127.0.0.1:9090' })]);
    const { providers } = provisioned('dashboards/lockstep.yml') as { providers: { options: { path: string } }[] };
    expect(providers).toEqual([expect.objectContaining({ type: 'file' })]);
    expect(readFileSync('docs/monitoring.md', 'utf8')).toContain(providers[0]?.options.path);
  });
});

describe('docs/metrics.md', () => {
  const documented = documentedMetrics();

  it.each(CHARTS.map(({ title, targets }) => [title, targets.map(({ expr }) => expr)] as const))(
    'has the metrics of the panel "%s"',
    (_title, exprs) => {
      expect(exprs.flatMap(metricsIn).filter((name) => !documented.has(name))).toEqual([]);
    },
  );

  it('has the metrics of the rules', () => {
    const exprs = readRules().groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    const named = exprs.flatMap(metricsIn);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !documented.has(name))).toEqual([]);
  });

  it('has the metrics of the runbooks', () => {
    const runbooks = globSync('docs/runbooks/*.md').map((path) => readFileSync(path, 'utf8'));
    // A pattern such as `lockstep_backup_(...)` names the beginning of some metrics.
    const isKnown = (name: string): boolean =>
      documented.has(name) || (name.endsWith('_') && [...documented].some((one) => `${one}_`.startsWith(name)));
    expect(runbooks.flatMap(metricsIn).filter((name) => !isKnown(name))).toEqual([]);
  });
});
