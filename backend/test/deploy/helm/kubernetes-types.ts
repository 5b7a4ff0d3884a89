import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, PersistentVolumeClaim, Secret, Service, ServiceAccount } from 'kubernetes-models/v1';
import type { Manifest } from './chart.js';

interface Model {
  validate(): void;
}
type ModelClass = { readonly apiVersion: string; readonly kind: string; new (data: never): Model };

const CORE = [ConfigMap, PersistentVolumeClaim, Secret, Service, ServiceAccount];
/** By the module of its class. */
const MODELS = new Map<string, readonly ModelClass[]>([
  ['kubernetes-models/v1', CORE],
  ['kubernetes-models/apps/v1', [Deployment]],
  ['kubernetes-models/autoscaling/v2', [HorizontalPodAutoscaler]],
  ['kubernetes-models/networking.k8s.io/v1', [Ingress, NetworkPolicy]],
  ['kubernetes-models/policy/v1', [PodDisruptionBudget]],
  ['@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1', [ServiceMonitor]],
]);

function modelOf({ apiVersion, kind }: Manifest): readonly [module: string, model: ModelClass] {
  for (const [module, models] of MODELS) {
    const model = models.find((one) => one.apiVersion === apiVersion && one.kind === kind);
    if (model) return [module, model];
  }
  throw new Error(`This test has no schema of ${apiVersion} ${kind}`);
}

/** @throws Error when a value does not match the schema of Kubernetes, or of the Prometheus operator */
export function validate(one: Manifest): void {
  const [, Model] = modelOf(one);
  new Model(one as never).validate();
}

/**
 * The schemas admit fields that they do not know, such as misspelt ones; the compiler does not.
 * @returns its messages
 */
export function misspelt(manifests: readonly Manifest[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-chart-'));
  try {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const lines = manifests.map((one) => {
      const [module] = modelOf(one);
      const { apiVersion: _version, kind, ...data } = one;
      return `(${JSON.stringify(data, undefined, 1)}) satisfies ConstructorParameters<typeof import('${module}').${kind}>[0];`;
    });
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', '--types', ''];
    const compiler = resolve('node_modules/@typescript/native/bin/tsc');
    return spawnSync(process.execPath, [compiler, ...options, 'manifests.ts'], { cwd: folder, encoding: 'utf8' })
      .stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
