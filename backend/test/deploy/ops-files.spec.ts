import { existsSync, globSync, lstatSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/**
 * The test that exercises each file of `ops/`: with the real program; or, where the program cannot be had, with a linter
 * or a schema. A new file needs a row here, and so a test.
 */
const TESTS: readonly (readonly [files: string, test: string, by: string])[] = [
  ['ops/compose/Caddyfile', 'backend/test/services/cluster.spec.ts', 'Caddy before two processes'],
  ['ops/docker/slim.sh', 'backend/test/deploy/image/image.e2e-spec.ts', 'the packages that it leaves start the server'],
  [
    'ops/kubernetes/lockstep/templates/*',
    'backend/test/deploy/helm/chart.spec.ts',
    "Go's templates; Kubernetes' schemas",
  ],
  ['ops/grafana/dashboard.json', 'backend/test/ops/dashboard.spec.ts', 'its queries are metrics of the server'],
  ['ops/grafana/provisioning/**/*', 'backend/test/ops/dashboard.spec.ts', 'its structure'],
  ['ops/kubernetes/lockstep/{Chart,values}.yaml', 'backend/test/deploy/helm/chart.spec.ts', "Go's templates"],
  ['ops/kubernetes/lockstep/values.schema.json', 'backend/test/deploy/helm/chart.spec.ts', 'Ajv'],
  [
    'ops/proxies/{nginx.conf,Caddyfile,haproxy.cfg,apache.conf}',
    'backend/test/proxies/proxies.e2e-spec.ts',
    'the proxy',
  ],
  ['ops/prometheus/*', 'backend/test/ops/alerts.spec.ts', 'promtool and amtool'],
  ['ops/proxies/traefik*.yml', 'backend/test/proxies/timeouts.spec.ts', 'its structure: Debian has no Traefik'],
  ['ops/systemd/*.service', 'backend/test/deploy/systemd.spec.ts', 'systemd-analyze'],
  ['ops/**/*.md', 'backend/test/documents.spec.ts', 'its links'],
];

const FILES = globSync('ops/**/{*,.*}').filter((path) => lstatSync(path).isFile());

describe('a file in ops/', () => {
  it.each(FILES)('%s is exercised by a test', (file) => {
    expect(TESTS.filter(([files]) => matchesGlob(file, files))).toHaveLength(1);
  });

  it('is named by a row, and each row names a test that exists', () => {
    for (const [files, test] of TESTS) {
      expect([files, FILES.some((file) => matchesGlob(file, files))]).toEqual([files, true]);
      expect([test, existsSync(test)]).toEqual([test, true]);
    }
  });
});
