import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const component = z.object({
  name: z.string(),
  version: z.string(),
  purl: z.string(),
  licenses: z.array(z.unknown()).optional(),
});
const bill = z.object({ bomFormat: z.literal('CycloneDX'), components: z.array(component) });
const packages = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

describe('npm run sbom', () => {
  const { dependencies, devDependencies } = packages.parse(JSON.parse(readFileSync('package.json', 'utf8')));
  let components: z.infer<typeof component>[];
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/run.js', 'sbom']);
    ({ components } = bill.parse(JSON.parse(readFileSync('dist-sbom/lockstep.cdx.json', 'utf8'))));
  }, 120_000);

  it('lists every production dependency in the version of the lock file', () => {
    const listed = components.map(({ name, version }) => `${name}@${version}`);
    expect(listed).toEqual(expect.arrayContaining(Object.entries(dependencies).map((pair) => pair.join('@'))));
  });

  it('lists what these depend on, and nothing that is only for development', () => {
    const names = new Set(components.map(({ name }) => name));
    // Of express, of socket.io.
    for (const name of ['body-parser', 'engine.io', 'ws']) expect(names).toContain(name);
    for (const name of ['jest', 'vitest', 'vite', 'oxlint', '@playwright/test', 'mermaid']) {
      expect(devDependencies).toHaveProperty([name]);
      expect(names).not.toContain(name);
    }
  });

  it('names each package for a search for vulnerabilities, with its licence', () => {
    for (const { name, version, purl } of components) {
      expect(decodeURIComponent(purl)).toBe(`pkg:npm/${name}@${version}`);
    }
    const without = components.filter(({ licenses = [] }) => licenses.length === 0).map(({ name }) => name);
    expect(without.length).toBeLessThan(components.length / 10);
  });
});
