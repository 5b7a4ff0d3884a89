import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from './read-config.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'lockstep-config-'));
const secret = { APP_SECRET: 'x'.repeat(32) };
const production = {
  ...secret,
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://chat.example.com/',
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'secret',
  OPENAI_API_KEY: 'key',
};

describe('readConfig', () => {
  it('needs nothing: local services, SQLite, and a secret that is made once and kept to itself', () => {
    const DATA_DIR = folder();
    const config = readConfig({ DATA_DIR, PORT: '4000', OPENAI_API_KEY: '' });
    expect(config).toMatchObject({
      publicUrl: 'http://localhost:4000',
      database: { kind: 'sqlite', path: join(DATA_DIR, 'chat.db') },
      google: { isLocal: true },
      models: { isLocal: true, allowed: ['gpt-4.1', 'gpt-4o-mini'] },
    });
    expect(config.appSecret.length).toBeGreaterThanOrEqual(32);
    expect(readConfig({ DATA_DIR }).appSecret).toBe(config.appSecret);
    expect(readFileSync(join(DATA_DIR, 'app-secret'), 'utf8')).toBe(config.appSecret);
    expect(statSync(join(DATA_DIR, 'app-secret')).mode & 0o077).toBe(0);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(readConfig(secret))).toBe(true);
  });

  it('takes other addresses for the same protocols', () => {
    const config = readConfig({
      ...secret,
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
      GOOGLE_TOKEN_URL: 'https://id.example.com/token',
      OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1',
      DATABASE_URL: 'postgresql://chat@db/chat',
    });
    expect(config.google).toMatchObject({ isLocal: false, tokenUrl: 'https://id.example.com/token' });
    expect(config.models).toMatchObject({ isLocal: false, baseUrl: 'http://127.0.0.1:11434/v1' });
    expect(config.database).toEqual({ kind: 'postgresql', url: 'postgresql://chat@db/chat' });
  });

  it('uses the bus of PostgreSQL, unless Redis is configured or the bus is switched off', () => {
    const read = (env: Record<string, string>) => readConfig({ ...secret, ...env });
    const DATABASE_URL = 'postgresql://chat@db/chat';
    expect(read({}).bus).toEqual({ kind: 'none' });
    expect(read({ DATABASE_URL }).bus).toEqual({ kind: 'notify', url: undefined });
    const LISTEN_DATABASE_URL = 'postgresql://chat@direct/chat';
    expect(read({ DATABASE_URL, LISTEN_DATABASE_URL }).bus).toEqual({ kind: 'notify', url: LISTEN_DATABASE_URL });
    expect(read({ DATABASE_URL, LISTEN_NOTIFY: 'off' }).bus).toEqual({ kind: 'none' });
    const REDIS_URL = 'rediss://redis:6380';
    expect(read({ DATABASE_URL, REDIS_URL }).bus).toEqual({ kind: 'redis', url: REDIS_URL });
  });

  it('reads prices by model, in dollars unless another currency is named', () => {
    const MODEL_PRICES = '{"gpt-4.1": {"input": 2, "output": 8}, "llama3:8b": {"input": 0, "output": 0.000001}}';
    const { models } = readConfig({ ...secret, MODEL_PRICES, PRICE_CURRENCY: 'eur' });
    expect(models.prices.get('gpt-4.1')).toEqual({ input: 2, output: 8 });
    expect(models.prices.get('llama3:8b')).toEqual({ input: 0, output: 0.000001 });
    expect(models.currency).toBe('EUR');
    expect(readConfig(secret).models).toMatchObject({ prices: new Map(), currency: 'USD' });
    expect(() => readConfig({ ...secret, MODEL_PRICES: '{"m": {"input": "2", "output": 8}}' })).toThrow(
      /MODEL_PRICES: takes JSON such as .*m\.input/,
    );
  });

  it('sends the default prompt to Google, or the configured one, or none', () => {
    expect(readConfig(secret).google?.prompt).toBe('select_account');
    expect(readConfig({ ...secret, GOOGLE_PROMPT: 'login consent' }).google?.prompt).toBe('login consent');
    expect(readConfig({ ...secret, GOOGLE_PROMPT: '' }).google?.prompt).toBeUndefined();
  });

  it('reads request shapes, and treats an empty system prompt as none', () => {
    const MODEL_REQUESTS = '{"gemma-3": {"systemRole": "user", "omit": ["temperature"]}, "*": {"alternate": true}}';
    const { models } = readConfig({ ...secret, MODEL_REQUESTS, SYSTEM_PROMPT: '' });
    expect(models.requests.get('gemma-3')).toEqual({ systemRole: 'user', omit: ['temperature'] });
    expect(models.requests.get('*')).toEqual({ alternate: true });
    expect(models.systemPrompt).toBe('');
    expect(readConfig(secret).models.systemPrompt).not.toBe('');
  });

  it('needs no local model where all of them are those of other providers', () => {
    const others = { OPENAI_MODELS: 'anthropic:claude-sonnet-4-5,ollama:llama3.2' };
    expect(readConfig({ ...secret, ...others }).models.isLocal).toBe(false);
    expect(readConfig({ ...secret, OPENAI_MODELS: 'anthropic:claude-sonnet-4-5,gpt-4.1' }).models.isLocal).toBe(true);
    const { OPENAI_API_KEY: _key, ...keyless } = production;
    expect(readConfig({ ...keyless, ...others }).models).toMatchObject({ isLocal: false, baseUrl: undefined });
    for (const OPENAI_MODELS of ['anthropic:claude-sonnet-4-5,gpt-4.1', 'llama3:8b', 'openai:gpt-4.1']) {
      expect(() => readConfig({ ...keyless, OPENAI_MODELS })).toThrow(/OPENAI_API_KEY or OPENAI_BASE_URL/);
    }
  });

  it.each([
    ['PORT', { PORT: '99999' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://x' }],
    ['REDIS_URL', { REDIS_URL: 'localhost:6379', DATABASE_URL: 'postgresql://chat@db/chat' }],
    ['REDIS_URL', { REDIS_URL: 'redis://localhost:6379' }],
    ['LISTEN_DATABASE_URL', { LISTEN_DATABASE_URL: 'postgresql://chat@db/chat' }],
    ['APP_SECRET', { APP_SECRET: 'short' }],
    ['APP_SECRET_PREVIOUS: takes', { APP_SECRET_PREVIOUS: 'short' }],
    ['APP_SECRET: is missing', { APP_SECRET: '', APP_SECRET_PREVIOUS: 'y'.repeat(32) }],
    ['APP_SECRET_PREVIOUS: is the same', { APP_SECRET: 'y'.repeat(32), APP_SECRET_PREVIOUS: 'y'.repeat(32) }],
    ['TRUSTED_PROXIES', { TRUSTED_PROXIES: 'loopback, proxy.local' }],
    ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '10.0.0.0/99' }],
    ['TRUSTED_PROXIES', { TRUSTED_PROXIES: 'true' }],
    ['DEFAULT_ROLE', { DEFAULT_ROLE: 'god' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'ftp://x' }],
    ['MAX_RUNS_PER_USER', { MAX_RUNS_PER_USER: '-1' }],
    ['OPENAI_MODELS', { OPENAI_MODELS: ' , ' }],
    ['GOOGLE_PROMPT', { GOOGLE_PROMPT: 'select&account' }],
    ['MODEL_PRICES', { MODEL_PRICES: 'cheap' }],
    ['MODEL_PRICES', { MODEL_PRICES: '[]' }],
    ['MODEL_PRICES', { MODEL_PRICES: '{"gpt-4.1": {"input": 2}}' }],
    ['MODEL_PRICES', { MODEL_PRICES: '{"gpt-4.1": {"input": -2, "output": 8}}' }],
    ['MODEL_PRICES', { MODEL_PRICES: '{"gpt-4.1": {"input": 0.0000001, "output": 8}}' }],
    ['MODEL_REQUESTS', { MODEL_REQUESTS: 'plain' }],
    ['MODEL_REQUESTS', { MODEL_REQUESTS: '{"m": {"systemRole": "boss"}}' }],
    ['MODEL_REQUESTS', { MODEL_REQUESTS: '{"m": {"omit": ["model"]}}' }],
    ['MODEL_REQUESTS', { MODEL_REQUESTS: '{"m": {"baseUrl": "ftp://x"}}' }],
    ['PRICE_CURRENCY', { PRICE_CURRENCY: 'dollars' }],
    ['PRICE_CURRENCY', { PRICE_CURRENCY: 'ABC' }],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'short' }],
    ['BACKUP_EVERY', { BACKUP_EVERY: 'daily' }],
    ['BACKUP_EVERY', { BACKUP_EVERY: '0h' }],
    ['BACKUP_EVERY', { BACKUP_EVERY: '3600000' }],
    ['BACKUP_KEEP', { BACKUP_EVERY: '1d', BACKUP_KEEP: '0' }],
    ['BACKUP_EVERY: is missing', { BACKUP_KEEP: '3' }],
    ['OPENAI_API_KEY_FILE', { OPENAI_API_KEY: 'key', OPENAI_API_KEY_FILE: './key' }],
  ])('names %s when it is wrong', (name, env) => {
    const read = () => readConfig({ ...secret, ...env });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
  });

  it.each([
    'https://chat.example.org/lockstep',
    'http://localhost:3000/a/',
    'https://x.example/?a',
    'https://me:pw@x.example',
  ])('refuses to be served as a part of another site: %s', (PUBLIC_URL) => {
    expect(() => readConfig({ ...secret, PUBLIC_URL })).toThrow(/^PUBLIC_URL: takes an address without a path/);
  });

  it.each([
    ['https://chat.example.org/', 'https://chat.example.org'],
    ['HTTPS://Chat.Example.org:443', 'https://chat.example.org'],
    ['http://chat.lan:3000', 'http://chat.lan:3000'],
  ])('takes the root of a host in any spelling: %s', (PUBLIC_URL, publicUrl) => {
    expect(readConfig({ ...secret, PUBLIC_URL, LOCAL_SIGN_IN: 'network' }).publicUrl).toBe(publicUrl);
  });

  it('refuses local services and made-up secrets in production, naming every variable that is missing', () => {
    expect(readConfig(production)).toMatchObject({ production: true, publicUrl: 'https://chat.example.com' });
    expect(() => readConfig({ NODE_ENV: 'production' })).toThrow(
      /APP_SECRET(.|\n)*PUBLIC_URL(.|\n)*GOOGLE_CLIENT_ID(.|\n)*OPENAI_API_KEY/,
    );
    const { OPENAI_API_KEY: _key, ...keyless } = production;
    expect(readConfig({ ...keyless, OPENAI_BASE_URL: 'http://models:8000/v1' }).models.isLocal).toBe(false);
  });

  it.each([
    ['30m', 1_800_000],
    ['6h', 21_600_000],
    ['1d', 86_400_000],
  ])('makes backups every %s, and keeps seven unless told otherwise', (BACKUP_EVERY, everyMs) => {
    expect(readConfig({ ...secret, BACKUP_EVERY }).backups).toEqual({ everyMs, keep: 7 });
    expect(readConfig({ ...secret, BACKUP_EVERY, BACKUP_KEEP: '2' }).backups).toEqual({ everyMs, keep: 2 });
    expect(readConfig(secret).backups).toBeUndefined();
  });

  it('refuses a file for the key that is missing, and names the variable', () => {
    const OPENAI_API_KEY_FILE = '/nowhere/key';
    expect(() => readConfig({ ...secret, OPENAI_API_KEY_FILE })).toThrow(/^OPENAI_API_KEY_FILE: .*cannot be read/);
  });

  it('takes a variable by its former name, and says what it is called now', () => {
    const formerly = { ...secret, STAND_IN_SIGN_IN: 'network' };
    const { google, warnings } = readConfig(formerly);
    expect(google?.localReach).toBe('network');
    expect(warnings).toEqual([expect.stringMatching(/^STAND_IN_SIGN_IN is now LOCAL_SIGN_IN: please rename it\./)]);
    expect(readConfig({ ...formerly, LOCAL_SIGN_IN: 'network' }).warnings).toEqual(warnings);
    expect(readConfig({ ...secret, STAND_IN_SIGN_IN: ' ' }).warnings).toEqual([]);
    expect(readConfig({ ...secret, LOCAL_SIGN_IN: 'network' }).warnings).toEqual([]);
  });

  it('refuses a former name beside the new one with another value', () => {
    const both = { ...secret, STAND_IN_SIGN_IN: 'local', LOCAL_SIGN_IN: 'network' };
    expect(() => readConfig(both)).toThrow(
      new ConfigError(
        'LOCAL_SIGN_IN: differs from STAND_IN_SIGN_IN, which is its former name; set LOCAL_SIGN_IN alone',
      ),
    );
  });
});
