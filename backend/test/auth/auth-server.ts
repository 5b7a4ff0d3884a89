import { createHash, randomBytes } from 'node:crypto';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { MIGRATIONS } from '../../migrations/index.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { PROVIDER_DEADLINE_MS } from '../../src/auth/providers/sign-in-providers.js';
import { EntryGuard } from '../../src/auth/sessions/entry.guard.js';
import type { Config } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { readConfig } from '../../src/config/read-config.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { ParsePipe } from '../../src/common/handlers/parse.pipe.js';
import { jsonBodies } from '../../src/common/json-bodies.js';
import { ProblemFilter } from '../../src/common/problem.filter.js';
import { assignRequestId } from '../../src/common/request-id.js';
import type { StreamEvents, TokenGrant } from '../../src/protocol/index.js';
import { ENTITIES } from '../../src/schema.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { StreamsModule } from '../../src/streams/streams.module.js';
import { UsersModule } from '../../src/users/users.module.js';
import { freePort } from '../../testing/free-port.js';
import { OpenIdProvider, type Profile } from '../../testing/provider/openid-provider.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { Browser } from './browser.js';

export interface AuthServerOptions {
  readonly env?: Record<string, string>;
  readonly deadlineMs?: number;
  /** The port, if a provider has to know it. */
  readonly port?: number;
}

/** Another provider than the first one, and parameters of the start that name it. */
export interface SignInAt {
  readonly provider?: OpenIdProvider;
  readonly query?: Record<string, string>;
}

/** A user who has signed in with a browser of their own. */
export interface SignedIn {
  readonly browser: Browser;
  readonly grant: TokenGrant;
}

/** Sign-in, users and roles, with a real database and a scripted provider; no chat and no sockets. */
export class AuthServer implements AsyncDisposable {
  /** Every committed event, with its stream. */
  readonly events: { stream: string; type: string; data: unknown }[] = [];

  private constructor(
    readonly app: NestExpressApplication,
    readonly config: Config,
    readonly provider: OpenIdProvider,
    readonly database: TestDatabase,
  ) {
    app.get(EventLog).onCommitted(({ stream, events }: StreamEvents) => {
      for (const { type, data } of events) this.events.push({ stream, type, data });
    });
  }

  static async start({ env = {}, deadlineMs = 5000, port: wanted }: AuthServerOptions = {}): Promise<AuthServer> {
    const provider = await OpenIdProvider.start();
    const database = await createTestDatabase();
    const port = wanted ?? (await freePort());
    const config = readConfig({
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATA_DIR: database.dataDir,
      DATABASE_URL: database.url,
      ...provider.environment,
      ...env,
    });
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.with(config),
        DatabaseModule.with({ entities: ENTITIES, migrations: MIGRATIONS }),
        StreamsModule,
        UsersModule,
        AuthModule,
      ],
      providers: [
        { provide: APP_GUARD, useExisting: EntryGuard },
        { provide: APP_PIPE, useClass: ParsePipe },
      ],
    })
      .overrideProvider(PROVIDER_DEADLINE_MS)
      .useValue(deadlineMs)
      .compile();
    const app = module.createNestApplication<NestExpressApplication>({ logger: false, bodyParser: false });
    app.use(assignRequestId);
    app.use('/api', ...jsonBodies());
    app.useGlobalFilters(new ProblemFilter());
    // So that a test can set the client's address with `X-Forwarded-For`.
    app.set('trust proxy', 'loopback');
    await app.listen(port, '127.0.0.1');
    return new AuthServer(app, config, provider, database);
  }

  get url(): string {
    return `http://127.0.0.1:${this.config.port}`;
  }

  get<T>(service: new (...args: never[]) => T): T {
    return this.app.get(service, { strict: false });
  }

  browser(): Browser {
    return new Browser(this.url);
  }

  /** A request with only the given token and headers, and no cookies. */
  fetch(path: string, token?: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (init.body !== undefined) headers.set('content-type', 'application/json');
    return fetch(`${this.url}${path}`, { redirect: 'manual', ...init, headers });
  }

  /** The complete sign-in: login, provider, callback, exchange. */
  async signIn(profile: Profile | string, browser = this.browser(), at?: SignInAt): Promise<SignedIn> {
    const { verifier, challenge } = pkce();
    const whole = typeof profile === 'string' ? person(profile) : profile;
    const { code } = await this.comeBack(browser, whole, challenge, '/', at);
    const response = await browser.post('/api/auth/exchange', { code, verifier });
    if (response.status !== 200) throw new Error(`Exchange answered ${response.status}: ${await response.text()}`);
    return { browser, grant: (await response.json()) as TokenGrant };
  }

  /** A sign-in up to the page that the callback redirects to. */
  async comeBack(
    browser: Browser,
    profile: Profile,
    challenge = pkce().challenge,
    returnPath = '/',
    at?: SignInAt,
  ): Promise<{ code: string; returnPath: string; location: string }> {
    const callback = await this.callbackPath(browser, profile, challenge, returnPath, at);
    const response = await browser.get(callback);
    const location = response.headers.get('location') ?? '';
    const page = new URLSearchParams(new URL(location, this.url).hash.slice(1));
    return { code: page.get('code') ?? '', returnPath: page.get('return') ?? '', location };
  }

  /** Starts a sign-in and consents at the provider; returns the path to which the provider redirects. */
  async callbackPath(
    browser: Browser,
    profile: Profile,
    challenge = pkce().challenge,
    returnPath = '/',
    { provider = this.provider, query: more = {} }: SignInAt = {},
  ): Promise<string> {
    const query = new URLSearchParams({ challenge, return: returnPath, ...more });
    const response = await browser.get(`/api/auth/login?${query.toString()}`);
    const answer = await provider.authorize(response.headers.get('location') ?? '', profile);
    return `/api/auth/callback?${new URLSearchParams(answer).toString()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.provider[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }
}

/** A profile with a verified e-mail. */
export const person = (name: string): Profile => ({
  sub: `subject-of-${name}`,
  name,
  email: `${name}@example.com`,
  email_verified: true,
});

export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
