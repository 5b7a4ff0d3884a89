import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { environment } from '../../../src/config/environment.js';
import { findProgram } from '../../../testing/find-program.js';
import { build, CHART, defaults, type Manifest, refusals, render, type Rendered, valuesOf } from './chart.js';
import { misspelt, validate } from './kubernetes-types.js';

const CASES = ['sqlite', 'postgres', 'existing-secret', 'everything'];
const REFUSED_BY_TEMPLATES = {
  'no address': [{ publicUrl: '' }, 'publicUrl is required'],
  'PostgreSQL without its address': [
    { publicUrl: 'https://a.example.org', database: 'postgres' },
    'database: postgres needs secret.values.DATABASE_URL',
  ],
  'autoscaling on SQLite': [
    { publicUrl: 'https://a.example.org', autoscaling: { enabled: true } },
    'autoscaling needs database: postgres',
  ],
  'a monitor without a token': [
    { publicUrl: 'https://a.example.org', serviceMonitor: { enabled: true } },
    'serviceMonitor needs secret.values.METRICS_TOKEN',
  ],
} as const;
const KEPT = { publicUrl: 'https://a.example.org' };

const missing =
  findProgram('go') === undefined
    ? "Go (Debian's golang-go)"
    : existsSync('/usr/share/gocode/src/github.com/Masterminds/sprig')
      ? undefined
      : "sprig (Debian's golang-github-masterminds-sprig-dev)";
const describeRendered = missing === undefined ? describe : describe.skip;

describeRendered(`the chart${missing === undefined ? '' : ` (not run: ${missing} is not installed)`}`, () => {
  let folder: string;
  let rendered: Map<string, Rendered>;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-helm-'));
    const program = join(folder, 'render');
    build(program);
    rendered = render(program, [
      ...CASES.map((name) => ({ name, values: valuesOf(name) })),
      ...Object.entries(REFUSED_BY_TEMPLATES).map(([name, [values]]) => ({ name, values })),
      { name: 'installed', values: KEPT },
      {
        name: 'upgraded',
        values: KEPT,
        cluster: { Secret: { 'chat-lockstep': { data: { APP_SECRET: 'a2VwdA==' } } } },
      },
    ]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const of = (name: string): Rendered => {
    const found = rendered.get(name);
    if (!found) throw new Error(`${name} was not rendered`);
    return found;
  };
  const find = (name: string, kind: string): Manifest | undefined =>
    of(name).manifests.find((one) => one.kind === kind);
  const kindsOf = (name: string): string[] => of(name).manifests.map(({ kind }) => kind);

  it('is rendered for each file of values in this folder', () => {
    expect(
      globSync('backend/test/deploy/helm/values/*')
        .map((path) => basename(path, '.yaml'))
        .sort(),
    ).toEqual([...CASES].sort());
    for (const name of CASES) expect([name, of(name).error]).toEqual([name, '']);
  });

  it.each(CASES)('matches the schemas of Kubernetes: %s', (name) => {
    for (const one of of(name).manifests) validate(one);
  });

  it('has no field that Kubernetes does not know', () => {
    const all = CASES.flatMap((name) => of(name).manifests);
    expect(misspelt(all)).toBe('');
    const [first] = all;
    expect(misspelt([{ ...first, metadta: {} } as unknown as Manifest])).toContain('"metadta"');
  });

  it.each(Object.entries(REFUSED_BY_TEMPLATES))('is not rendered with %s', (name, [, sentence]) => {
    expect(of(name).error).toContain(sentence);
  });

  it('runs one process on SQLite, which ends before the next begins', () => {
    expect(find('sqlite', 'Deployment')).toMatchObject({
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        template: { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'chat-lockstep' } }, {}] } },
      },
    });
    expect(kindsOf('sqlite')).not.toContain('PodDisruptionBudget');
    expect(kindsOf('sqlite')).toContain('PersistentVolumeClaim');
  });

  it('runs several on PostgreSQL, of which none ends before another is ready', () => {
    const spec = { replicas: 3, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } };
    expect(find('postgres', 'Deployment')).toMatchObject({ spec });
    expect(find('postgres', 'PodDisruptionBudget')).toMatchObject({ spec: { maxUnavailable: 1 } });
    expect(kindsOf('postgres')).not.toContain('PersistentVolumeClaim');
  });

  it.each([
    ['sqlite', '35', '5'],
    ['postgres', '141', '10'],
  ])('gives a pod more time to end than it needs: %s', (name, seconds, pause) => {
    const pod = { terminationGracePeriodSeconds: Number(seconds) };
    const container = { lifecycle: { preStop: { exec: { command: ['sleep', pause] } } } };
    expect(find(name, 'Deployment')).toMatchObject({
      spec: { template: { spec: { ...pod, containers: [container] } } },
    });
  });

  it.each(CASES)('gives the process no right that it does not need: %s', (name) => {
    expect(find(name, 'Deployment')).toMatchObject({
      spec: {
        template: {
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                livenessProbe: { httpGet: { path: '/health/live' } },
                readinessProbe: { httpGet: { path: '/health/ready' } },
                startupProbe: { httpGet: { path: '/health/live' } },
              },
            ],
          },
        },
      },
    });
  });

  it('names only variables that the server knows, and text that YAML would read otherwise arrives as it is', () => {
    for (const name of CASES) {
      const variables = { ...keys(find(name, 'ConfigMap')), ...keys(find(name, 'Secret')) };
      expect(Object.keys(environment.shape)).toEqual(expect.arrayContaining(Object.keys(variables)));
    }
    expect(keys(find('everything', 'ConfigMap'))['SYSTEM_PROMPT']).toBe('You run as chat: "hello", she said');
    expect(keys(find('postgres', 'ConfigMap'))['DRAIN_MS']).toBe('120500');
  });

  it('keeps the secret that it has generated', () => {
    expect(keys(find('upgraded', 'Secret'))['APP_SECRET']).toBe('a2VwdA==');
    const [first, second] = ['installed', 'postgres'].map((name) => keys(find(name, 'Secret'))['APP_SECRET'] ?? '');
    expect(Buffer.from(first ?? '', 'base64').toString()).toMatch(/^\w{48}$/);
    expect(first).not.toBe(second);
    expect(of('installed').notes).toContain('APP_SECRET was generated');
    expect(of('sqlite').notes).not.toContain('APP_SECRET');
  });

  it('takes a secret, an account and no policies of its own when told so', () => {
    expect(kindsOf('existing-secret').sort()).toEqual(['ConfigMap', 'Deployment', 'Service']);
    const spec = {
      serviceAccountName: 'default',
      containers: [{ envFrom: [{ configMapRef: { name: 'chat-lockstep' } }, { secretRef: { name: 'our-secret' } }] }],
    };
    expect(find('existing-secret', 'Deployment')).toMatchObject({ spec: { template: { spec } } });
  });

  it('admits connections of the ingress controller and of Prometheus only', () => {
    const from = ['ingress-nginx', 'monitoring'].map((name) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    }));
    expect(find('everything', 'NetworkPolicy')).toMatchObject({
      spec: {
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from, ports: [{ port: 'http' }] }],
        egress: [
          { ports: [{ port: 53 }, { port: 53 }] },
          { ports: [{ port: 6432 }], to: [{ ipBlock: { cidr: '10.1.2.3/32' } }] },
          { ports: [{ port: 6380 }], to: [{ podSelector: {} }] },
          { ports: [{ port: 443 }], to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] },
          { ports: [{ port: 8000 }] },
        ],
      },
    });
  });

  it('scales by the running replies, and leaves the number of pods to the scaler', () => {
    expect(find('everything', 'Deployment')).not.toHaveProperty('spec.replicas');
    expect(find('everything', 'HorizontalPodAutoscaler')).toMatchObject({
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'chat-lockstep' },
        metrics: [
          { type: 'Pods', pods: { metric: { name: 'lockstep_active_runs' }, target: { averageValue: '100' } } },
        ],
      },
    });
    const metrics = readFileSync('docs/metrics.md', 'utf8');
    expect(metrics).toContain('`lockstep_active_runs`');
  });

  it('leads every part to the same pods, at the same port', () => {
    const labels = { 'app.kubernetes.io/name': 'lockstep', 'app.kubernetes.io/instance': 'chat' };
    const selects = { spec: { selector: { matchLabels: labels } } };
    for (const kind of ['Deployment', 'PodDisruptionBudget', 'ServiceMonitor']) {
      expect(find('everything', kind)).toMatchObject(selects);
    }
    expect(find('everything', 'NetworkPolicy')).toMatchObject({ spec: { podSelector: { matchLabels: labels } } });
    expect(find('everything', 'Service')).toMatchObject({
      spec: { selector: labels, ports: [{ targetPort: 'http' }] },
    });
    expect(find('everything', 'Deployment')).toMatchObject({ spec: { template: { metadata: { labels } } } });
    const backend = { service: { name: 'chat-lockstep', port: { name: 'http' } } };
    expect(find('everything', 'Ingress')).toMatchObject({
      spec: { rules: [{ host: 'chat.example.org', http: { paths: [{ backend }] } }], tls: [{}] },
    });
  });

  it('lets a WebSocket and a reply through the ingress for longer than they take', () => {
    const { metadata } = find('everything', 'Ingress') ?? {};
    const seconds = ['read', 'send'].map((what) => `nginx.ingress.kubernetes.io/proxy-${what}-timeout`);
    const annotations = (metadata?.['annotations'] ?? {}) as Record<string, string>;
    const longest = environment.shape.MODEL_WALL_CLOCK_MS.parse(undefined) / 1000;
    for (const name of seconds) expect(Number(annotations[name])).toBeGreaterThan(longest);
  });
});

const keys = (one: Manifest | undefined): Record<string, string> => (one?.['data'] ?? {}) as Record<string, string>;

describe('the values of the chart', () => {
  it.each(CASES)('%s are accepted', (name) => expect(refusals(valuesOf(name))).toEqual([]));

  it.each([
    ['no address', {}, '/publicUrl must match pattern'],
    ['an address with a path', { publicUrl: 'https://example.org/chat' }, '/publicUrl must match pattern'],
    ['a database that is none', { database: 'mysql' }, '/database must be equal to one of'],
    ['a value that is misspelt', { replica: 2 }, 'must NOT have additional properties replica'],
    ['a number where a variable takes text', { config: { AUDIT_DAYS: 365 } }, '/config/AUDIT_DAYS must be string'],
    ['a secret that would be readable', { config: { OPENAI_API_KEY: 'key' } }, 'OPENAI_API_KEY'],
    ['a variable that the chart sets', { config: { PORT: '80' } }, 'PORT'],
    ['a variable that is no name', { config: { 'a b': '1' } }, 'a b'],
    ['a short key of sessions', { secret: { values: { APP_SECRET: 'short' } } }, '/secret/values/APP_SECRET must NOT'],
    ['SQLite with the address of PostgreSQL', { secret: { values: { DATABASE_URL: 'postgresql://a/b' } } }, '/secret'],
    ['SQLite that scales', { autoscaling: { enabled: true } }, '/autoscaling/enabled'],
    ['no replicas', { replicas: 0 }, '/replicas must be >= 1'],
    ['a pause of no time', { preStopSeconds: 0 }, '/preStopSeconds must be >= 1'],
    ['a port that is none', { networkPolicy: { https: { port: 70_000 } } }, '/networkPolicy/https/port must be <='],
  ])('are refused: %s', (_what, values, sentence) => {
    const publicUrl = 'publicUrl' in values || Object.keys(values).length === 0 ? {} : KEPT;
    expect(refusals({ ...publicUrl, ...values }).join('\n')).toContain(sentence);
  });

  it('and the chart itself name the version of Lockstep', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as Record<string, unknown>;
    expect(chart['appVersion']).toBe(version);
  });

  it('stand in the README of the chart', () => {
    const text = readFileSync(join(CHART, 'README.md'), 'utf8');
    const named = new Set([...text.matchAll(/^\| `(\w+)[.\w]*`/gm)].map(([, name]) => name));
    expect(named).toEqual(new Set(Object.keys(defaults())));
  });
});
