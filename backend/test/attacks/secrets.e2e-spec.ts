import { afterAll, beforeAll, expect } from '@jest/globals';
import { LogOutput } from '../../src/common/log-output.js';
import type { CreatedToken } from '../../src/protocol/http/index.js';
import type { TokenGrant } from '../../src/protocol/index.js';
import { freePort } from '../../testing/free-port.js';
import { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { refuses, says } from '../../testing/model/script.js';
import { person, pkce } from '../auth/auth-server.js';
import { Browser } from '../auth/browser.js';
import { begin, whenEnded, whenNamed } from '../support/conversation.js';
import { readZip } from '../support/read-zip.js';
import { TestServer } from '../support/test-server.js';
import { attacks } from './support/family.js';
import { liveRoutes } from './support/generated.js';
import { keepLines } from './support/kept-lines.js';
import { everyRow, textOf } from './support/rows.js';

/** After a complete sign-in, a conversation and failures of every kind: where have secrets gone? */
const stops = attacks('secrets');

const APP_SECRET = 'app-secret-of-more-than-thirty-two-characters';
const API_KEY = 'sk-model-key-that-nobody-may-see';
const METRICS = 'metrics-token-that-nobody-may-see';
const QUESTION = 'My secret question about rhubarb';
const REPLY = 'A secret reply about rhubarb';

let provider: OpenIdProvider;
let server: TestServer;
let lines: string[];
let grant: TokenGrant;
/** Everything that opens something, by name. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  const port = await freePort();
  provider = await OpenIdProvider.start();
  server = await TestServer.start({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...provider.environment,
    APP_SECRET,
    OPENAI_API_KEY: API_KEY,
    METRICS_TOKEN: METRICS,
    ADMIN_EMAILS: 'ann@example.com',
    LOG_LEVEL: 'trace',
  });
  lines = keepLines(server.get(LogOutput));
  for (const [name, value] of [
    ['APP_SECRET', APP_SECRET],
    ['OPENAI_API_KEY', API_KEY],
    ['METRICS_TOKEN', METRICS],
  ] as const)
    secrets.set(name, value);
  for (const [name, value] of Object.entries(provider.environment)) if (/SECRET/.test(name)) secrets.set(name, value);
  grant = await signIn();
  await useEverything();
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const keepCookies = (browser: Browser, when: string): void => {
  for (const [name, value] of browser.cookies) {
    // A mark that scripts may read, and nothing secret: `1`.
    if (value.length > 1) secrets.set(`the cookie ${name} ${when}`, value);
  }
};

/** The complete sign-in, and one refresh. */
async function signIn(): Promise<TokenGrant> {
  const browser = new Browser(server.url);
  const { verifier, challenge } = pkce();
  const started = await browser.get(`/api/auth/login?challenge=${challenge}&return=/chat`);
  keepCookies(browser, 'of the sign-in');
  const location = started.headers.get('location') ?? '';
  secrets.set('the state', new URL(location).searchParams.get('state') ?? '');
  const answer = await provider.authorize(location, person('ann'));
  secrets.set('the code of the provider', answer['code'] ?? '');
  const returned = await browser.get(`/api/auth/callback?${new URLSearchParams(answer).toString()}`);
  const page = new URL(returned.headers.get('location') ?? '', server.url);
  const code = new URLSearchParams(page.hash.slice(1)).get('code') ?? '';
  const opened = (await (await browser.post('/api/auth/exchange', { code, verifier })).json()) as TokenGrant;
  keepCookies(browser, 'after the exchange');
  const refreshed = (await (await browser.post('/api/auth/refresh')).json()) as TokenGrant;
  keepCookies(browser, 'after a refresh');
  secrets.set('the code', code);
  secrets.set('the verifier', verifier);
  secrets.set('the access token', opened.accessToken);
  secrets.set('the refreshed access token', refreshed.accessToken);
  return refreshed;
}

/** A token, a conversation, and failures whose messages might repeat what was sent. */
async function useEverything(): Promise<void> {
  const who = { token: grant.accessToken };
  const body = JSON.stringify({ name: 'Program', scopes: ['chat', 'read'], expiresAt: null });
  const created = (await (await server.fetch('/api/tokens', who, { method: 'POST', body })).json()) as CreatedToken;
  secrets.set('the personal access token', created.token);
  const tab = await server.connect(who);
  server.model.next(says([REPLY]));
  const { stream } = await begin(tab, QUESTION);
  await whenNamed(tab, stream);
  // Providers repeat the key in their errors.
  server.model.next(refuses(401, { message: `Incorrect API key provided: ${API_KEY}` }));
  const failed = await begin(tab, QUESTION);
  await whenEnded(tab, failed.stream);
  for (const [name, secret] of secrets) {
    // A second use of the code would end the session.
    if (name === 'the code') continue;
    await server.fetch('/api/profile/me', { token: secret.slice(0, 4_000) });
    // Paths are logged, and nothing secret stands in one. Queries are not: that of the callback has a code.
    await server.fetch(`/api/nowhere?token=${encodeURIComponent(secret.slice(0, 1_000))}`);
    await server.fetch(`/api/auth/callback?code=${encodeURIComponent(secret.slice(0, 1_000))}`, undefined, {
      redirect: 'manual',
    });
    const init = { method: 'POST', body: JSON.stringify({ code: secret.slice(0, 190), verifier: 'x'.repeat(43) }) };
    await server.fetch('/api/auth/exchange', undefined, init);
    await server.fetch(
      '/v1/chat/completions',
      { token: `${created.token}x` },
      { method: 'POST', body: `{"model":"${secret}` },
    );
    await tab.raw('auth:refresh', { token: secret });
  }
}

/** The secrets that a text contains, also without their first part, which names a row in some of them. */
const found = (text: string): string[] =>
  [...secrets].flatMap(([name, secret]) => {
    const parts = secret.split('.').filter((part) => part.length >= 20);
    const last = parts.at(-1) ?? secret;
    return text.includes(secret) || text.includes(last) ? [name] : [];
  });

stops('a sign-in whose secrets this test does not know', async (attack) => {
  const expected = [
    'the code',
    'the verifier',
    'the access token',
    'the state',
    'the code of the provider',
    'the personal access token',
  ];
  for (const name of expected) await attack(name, () => expect(secrets.get(name)?.length).toBeGreaterThan(20));
  for (const when of ['of the sign-in', 'after the exchange', 'after a refresh']) {
    await attack(`cookies ${when}`, () => expect([...secrets.keys()].some((name) => name.endsWith(when))).toBe(true));
  }
});

stops('secrets in the database: it has hashes only, in every column of every table', async (attack) => {
  const tables = await everyRow(server);
  expect([...tables.keys()]).toEqual(
    expect.arrayContaining(['sessions', 'personal_tokens', 'login_codes', 'used_states']),
  );
  for (const [table, rows] of tables) {
    for (const column of Object.keys(rows[0] ?? {})) {
      await attack(`${table}.${column}`, () =>
        expect(found(rows.map((row) => textOf(row[column])).join('\n'))).toEqual([]),
      );
    }
  }
});

stops('secrets and texts of people in the log, even at the level trace', async (attack) => {
  const whole = lines.join('');
  await attack('an empty log', () => {
    expect(whole).toContain('/api/auth/exchange');
    expect(whole.split('\n').length).toBeGreaterThan(20);
  });
  for (const line of lines) await attack('a line', () => expect(found(line)).toEqual([]));
  await attack('questions and replies', () => expect(whole).not.toMatch(/rhubarb/));
});

stops('secrets in any answer, to anyone', async (attack) => {
  const who = { token: grant.accessToken };
  const withoutSecrets = async (response: Response): Promise<void> => {
    const headers = [...response.headers.values()].join('\n');
    expect(found(`${headers}\n${await response.text()}`)).toEqual([]);
  };
  for (const { name, method, path } of liveRoutes()) {
    if (method !== 'GET' || path.includes(':') || path.endsWith('/export')) continue;
    for (const caller of [undefined, who]) {
      await attack(`${name} ${caller ? 'by an admin' : 'by a stranger'}`, async () =>
        withoutSecrets(await server.fetch(path, caller, { redirect: 'manual' })),
      );
    }
  }
  for (const path of ['/api/docs-json', '/api/docs', '/api/docs-asyncapi', '/nowhere', '/api/nowhere']) {
    await attack(path, async () => withoutSecrets(await server.fetch(path)));
  }
  await attack('the export of everything about a person', async () => {
    const response = await server.fetch('/api/profile/export', who);
    const files = readZip(Buffer.from(await response.arrayBuffer()));
    expect(files.size).toBeGreaterThan(5);
    for (const [name, content] of files) {
      expect([name, found(content.toString())]).toEqual([name, []]);
      // Neither the hashes that stand for them.
      expect([name, /hash/i.test(content.toString())]).toEqual([name, false]);
    }
  });
});

stops('secrets in events and snapshots of streams', async (attack) => {
  const who = { token: grant.accessToken };
  const tab = await server.connect(who);
  for (const stream of [`user:${grant.user.id}`, 'admin', 'team:admin']) {
    await attack(stream, async () => {
      expect(found(JSON.stringify(await tab.subscribe(stream)))).toEqual([]);
      expect(found(JSON.stringify(await tab.subscribe(stream, { epoch: '', seq: 0 })))).toEqual([]);
    });
  }
});

stops('what failed inside from being told outside', async (attack) => {
  const tellsMore = /node_modules|backend\/src|\.js:\d|\.ts:\d|SQLITE|sqlite|postgres|ECONNREFUSED|at \w+ \(/;
  const who = { token: grant.accessToken };
  const requests: readonly (readonly [string, string, RequestInit])[] = [
    ['an unknown address', '/api/nowhere', {}],
    ['a wrong method', '/api/profile/me', { method: 'PUT', body: '{}' }],
    ['half a body', '/api/profile/me', { method: 'PATCH', body: '{"a' }],
    ['a wrong body', '/api/profile/me', { method: 'PATCH', body: '{"name":1}' }],
    ['a wrong id', '/api/conversations/x', {}],
    ['a wrong escape', '/api/conversations/%E0%A4%A', {}],
    ['a wrong query', '/api/conversations?limit=x', {}],
    ['a wrong program', '/v1/chat/completions', { method: 'POST', body: '{}' }],
  ];
  for (const [what, path, init] of requests) {
    await attack(what, async () => {
      const response = await server.fetch(path, who, init);
      const text = await response.text();
      expect([response.status >= 400 && response.status < 500, text]).toEqual([
        true,
        expect.not.stringMatching(tellsMore),
      ]);
    });
  }
  await attack('an error of the model', async () => {
    const list = await (await server.fetch('/api/conversations', who)).json();
    const { items } = list as { items: { id: string }[] };
    for (const { id } of items) {
      const text = await (await server.fetch(`/api/conversations/${id}/messages`, who)).text();
      expect(text).not.toMatch(/Incorrect API key/);
    }
  });
});
