import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TokenVault } from '../../src/auth/roles/held-tokens.js';
import { SecretRotation } from '../../src/auth/secrets/secret-rotation.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import { Sessions } from '../../src/auth/sessions/sessions.js';
import { LinkCodes } from '../../src/auth/sign-in/link-codes.js';
import { LoginCookie, type PendingLogin } from '../../src/auth/sign-in/login-cookie.js';
import { SignIn } from '../../src/auth/sign-in/sign-in.js';
import { IdTokens } from '../../src/auth/sign-out/id-tokens.js';
import { sha256 } from '../../src/auth/hash.js';
import { Database } from '../../src/database/database.js';
import type { CreatedWebhook } from '../../src/protocol/index.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { WebhookSecrets } from '../../src/webhooks/webhook-secrets.js';
import { Webhook } from '../../src/webhooks/webhook.entity.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const [OLD, NEW] = ['the secret of last year '.repeat(2), 'the secret of this year '.repeat(2)];
const VERIFIER = 'the verifier of a page';
const LOGIN: PendingLogin = {
  provider: 'google',
  state: 'state',
  nonce: null,
  providerVerifier: 'verifier',
  challenge: sha256(VERIFIER),
  returnPath: '/',
  isLink: false,
  expiresAt: 9e12,
};
const IDENTITY = { issuer: 'https://id.example.org', subject: 'ada', email: 'ada@example.com' };
const HELD = { subject: 'ada', accessToken: 'an access token', refreshToken: 'a refresh token' };

/** What a browser and the database hold of the old secret when it is replaced. */
interface Held {
  readonly person: TestPerson;
  readonly refreshToken: string;
  readonly cookie: string;
  readonly linkCodes: readonly [string, string];
  readonly webhook: CreatedWebhook;
}

describe('APP_SECRET', () => {
  let database: TestDatabase;
  let model: ModelServer;
  let server: TestServer;
  let held: Held;

  const restart = async (env: Record<string, string>): Promise<void> => {
    await server[Symbol.asyncDispose]();
    server = await TestServer.start(env, { database, model });
  };
  const me = async (token: string): Promise<number> => (await server.fetch('/api/webhooks', { token })).status;
  const addWebhook = async (person: TestPerson): Promise<CreatedWebhook> => {
    const wanted = { name: 'Mine', url: 'http://127.0.0.1:9/hook', events: ['run.finished'], scope: 'own' };
    const response = await server.fetch('/api/webhooks', person, { method: 'POST', body: JSON.stringify(wanted) });
    expect(response.status).toBe(201);
    const webhook = (await response.json()) as CreatedWebhook;
    const path = `/api/webhooks/${webhook.id}/secret`;
    const rolled = await server.fetch(path, person, { method: 'POST', body: '{}' });
    expect(rolled.ok).toBe(true);
    return { ...webhook, secret: ((await rolled.json()) as CreatedWebhook).secret };
  };
  const openSession = async ({ userId }: TestPerson): Promise<string> => {
    const idToken = await server.get(IdTokens).seal('an ID token');
    const providerTokens = await server.get(TokenVault).seal(JSON.stringify(HELD));
    const at = { issuer: null, providerSession: null, idToken, providerTokens };
    const opened = await server
      .get(EventLog)
      .write((transaction) => Promise.resolve(server.get(Sessions).open(transaction, userId, 'test', at)));
    return opened.refreshToken;
  };
  /** What is stored encrypted, as this server reads it. */
  const stored = async (): Promise<unknown> => {
    const { session, webhook } = await server.get(Database).read(async (em) => ({
      session: await em.findOneOrFail(Session, { idToken: { $ne: null } }),
      webhook: await em.findOneOrFail(Webhook, { id: held.webhook.id }),
    }));
    const [idTokens, vault, secrets] = [server.get(IdTokens), server.get(TokenVault), server.get(WebhookSecrets)];
    return {
      idToken: await idTokens.open(session.idToken ?? ''),
      tokens: await vault.tokens(session.providerTokens ?? ''),
      secret: await secrets.open(webhook.sealedSecret),
      former: (await secrets.open(webhook.sealedFormerSecret ?? ''))?.slice(0, 6),
    };
  };
  const ALL = () => ({ idToken: 'an ID token', tokens: HELD, secret: held.webhook.secret, former: 'whsec_' });
  const refresh = (token: string) => server.get(SignIn).refresh(token);

  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    server = await TestServer.start({ APP_SECRET: OLD, WEBHOOK_PRIVATE: 'on' }, { database, model });
    const person = await server.signIn('Ada');
    const codes = server.get(LinkCodes);
    held = {
      person,
      refreshToken: await openSession(person),
      cookie: await server.get(LoginCookie).seal([LOGIN]),
      linkCodes: [await codes.issue(IDENTITY, LOGIN.challenge), await codes.issue(IDENTITY, LOGIN.challenge)],
      webhook: await addWebhook(person),
    };
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it('is replaced without signing anybody out: what the previous one has signed is accepted', async () => {
    await restart({ APP_SECRET: NEW, APP_SECRET_PREVIOUS: OLD });
    expect(await me(held.person.token)).toBe(200);
    expect(await server.get(LoginCookie).open(held.cookie)).toEqual([LOGIN]);
    expect(await server.get(LinkCodes).redeem(held.linkCodes[0], VERIFIER)).toEqual(IDENTITY);
    const grant = await refresh(held.refreshToken);
    held = { ...held, refreshToken: grant.refreshToken ?? '' };
    expect(await stored()).toEqual(ALL());
  });

  it('can be accepted before it is used, so that several processes are changed one after the other', async () => {
    await using other = await createTestDatabase();
    await using early = await TestServer.start(
      { APP_SECRET: OLD, APP_SECRET_PREVIOUS: NEW },
      { database: other, model },
    );
    const made = await server.get(LoginCookie).seal([LOGIN]);
    expect(await early.get(LoginCookie).open(made)).toEqual([LOGIN]);
    const own = await early.get(LoginCookie).seal([LOGIN]);
    expect(await server.get(LoginCookie).open(own)).toEqual([LOGIN]);
  });

  it('needs the previous one no longer once everything stored is encrypted again', async () => {
    await server.get(SecretRotation).sealAgain();
    expect(await server.get(SecretRotation).sealAgain()).toBe(0);
    const late = server.renew(held.person).token;
    await restart({ APP_SECRET: NEW });
    expect(await stored()).toEqual(ALL());
    expect(await me(late)).toBe(200);
    expect((await refresh(held.refreshToken)).refreshToken).toBeDefined();
  });

  it('no longer accepts what the previous one has signed, once that is removed', async () => {
    expect(await me(held.person.token)).toBe(401);
    expect(await server.get(LoginCookie).open(held.cookie)).toEqual([]);
    expect(await server.get(LinkCodes).redeem(held.linkCodes[1], VERIFIER)).toBeUndefined();
  });
});
