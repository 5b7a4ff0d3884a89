import { afterAll } from '@jest/globals';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import { AccessTokens } from '../../src/auth/sessions/access-tokens.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import type { Config } from '../../src/config/config.js';
import { readConfig } from '../../src/config/read-config.js';
import { Database } from '../../src/database/database.js';
import type { Role } from '../../src/protocol/index.js';
import { startServer } from '../../src/server.js';
import { User } from '../../src/users/user.entity.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { TestClient } from './test-client.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** A user who is signed in. */
export interface TestPerson {
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
}

const DAY_MS = 86_400_000;

/** Not disposed of yet. A test that runs into its deadline goes on by itself, and may never come to that. */
const open = new Set<TestServer>();
// The worker of Jest could not end while a server listens.
afterAll(closeLeftServers);

/** Ends the servers that tests have left behind. */
export async function closeLeftServers(): Promise<void> {
  for (const server of open) await server[Symbol.asyncDispose]();
}

/**
 * The complete server on a free port, with its own database and a scripted model. Users are signed in by writing their
 * rows; the sign-in itself has its own tests.
 */
export class TestServer implements AsyncDisposable {
  private readonly clients: TestClient[] = [];

  private constructor(
    readonly config: Config,
    readonly model: ModelServer,
    readonly url: string,
    private readonly running: Awaited<ReturnType<typeof startServer>>,
    private readonly owned: readonly AsyncDisposable[],
  ) {}

  /** `shared`: start a second server on the same database and model; `env` overrides the environment. */
  static async start(
    env: Record<string, string> = {},
    shared?: { readonly database: TestDatabase; readonly model: ModelServer },
  ): Promise<TestServer> {
    const database = shared?.database ?? (await createTestDatabase());
    const model = shared?.model ?? (await ModelServer.start());
    const config = readConfig({
      PORT: '0',
      DATA_DIR: database.dataDir,
      DATABASE_URL: database.url,
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_MODELS: 'test-model,other-model',
      LOG_LEVEL: 'fatal',
      MAX_EVENTS_PER_SECOND: '1000',
      MAX_EVENTS_BURST: '1000',
      MAX_SENDS_PER_MINUTE: '1000',
      ...env,
    });
    const running = await startServer(config);
    // Loading the modules for the first question takes seconds here: not within the deadline of a test.
    await Promise.all([import('../../src/models/prompt.js'), import('../../src/models/openai/openai-source.js')]);
    const http: Server = running.app.getHttpServer();
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const server = new TestServer(config, model, url, running, shared ? [] : [model, database]);
    open.add(server);
    return server;
  }

  /** What Nest has put its routes on. */
  get web(): unknown {
    return this.running.app.getHttpAdapter().getInstance();
  }

  /** A service of the running server. */
  get<T>(service: new (...args: never[]) => T): T {
    return this.running.app.get(service);
  }

  /** Creates an account and a session. */
  async signIn(name: string, role: Role = 'user'): Promise<TestPerson> {
    const now = Date.now();
    const userId = uuidv7();
    const sessionId = uuidv7();
    await this.get(Database).write(async (em) => {
      em.create(User, {
        id: userId,
        email: `${name.toLowerCase()}@example.com`,
        name,
        hasOwnName: false,
        picture: null,
        pictureHash: null,
        role,
        disabled: false,
        preferences: {},
        personal: null,
        deletingSince: null,
        createdAt: now,
        lastSeenAt: null,
      });
      em.create(Session, {
        id: sessionId,
        userId,
        tokenHash: uuidv7(),
        previousTokenHash: null,
        rotatedAt: now,
        userAgent: 'test',
        createdAt: now,
        lastUsedAt: now,
        expiresAt: now + DAY_MS,
        endedAt: null,
      });
      return Promise.resolve();
    });
    return this.renew({ userId, sessionId, token: '' });
  }

  /** A token of this server for a user who was signed in by another server on the same database. */
  renew({ userId, sessionId }: TestPerson): TestPerson {
    return { userId, sessionId, token: this.get(AccessTokens).issue({ id: userId }, sessionId) };
  }

  /** Opens a socket and waits until it is connected. */
  async connect({ token }: Pick<TestPerson, 'token'>): Promise<TestClient> {
    const client = new TestClient(this.url, token);
    this.clients.push(client);
    await client.connected();
    return client;
  }

  /** An HTTP request, optionally of a user. */
  fetch(path: string, person?: Pick<TestPerson, 'token'>, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (person) headers.set('authorization', `Bearer ${person.token}`);
    if (init.body !== undefined) headers.set('content-type', 'application/json');
    return fetch(`${this.url}${path}`, { ...init, headers });
  }

  /** Stops as on SIGTERM. */
  async stop(drainMs = 0): Promise<void> {
    await this.running.stop(drainMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!open.delete(this)) return;
    for (const client of this.clients) client.close();
    await this.running.stop(0);
    for (const one of this.owned) await one[Symbol.asyncDispose]();
  }
}
