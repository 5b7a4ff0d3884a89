import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { AccessTokens } from '../../../src/auth/sessions/access-tokens.js';
import { Clock } from '../../../src/database/clock.js';
import type { Config } from '../../../src/config/config.js';
import { readConfig } from '../../../src/config/read-config.js';
import { freePort } from '../../../testing/free-port.js';
import { scaled } from '../../../testing/pace.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { EvidenceDatabase } from './evidence-database.js';
import { NumberedModel } from './numbered-model.js';
import { PostgresProxy } from './roads/postgres-proxy.js';
import type { ServerBuild } from './server-build.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './roads/tcp-proxy.js';

/** A signed-in user. */
export interface StagePerson {
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
}

const SECRET = 'a secret that is used only in these tests';
/** Never connected to; it only must stay the same while ports change. */
const PUBLIC_URL = 'http://lockstep.test';
const WITHOUT_LIMITS = {
  MAX_SOCKETS_PER_USER: '5000',
  MAX_EVENTS_PER_SECOND: '5000',
  MAX_EVENTS_BURST: '5000',
  MAX_SENDS_PER_MINUTE: '100000',
  MAX_RUNS_PER_USER: '1000',
};

/** On a busy machine the model, which is a program here too, is slow without a fault. */
const MODEL_MS = String(scaled(4000));
const MODEL_CLOCKS = { MODEL_FIRST_TOKEN_MS: MODEL_MS, MODEL_BETWEEN_TOKENS_MS: MODEL_MS, DRAIN_MS: '1500' };

export interface StageOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** See `createTestDatabase`. */
  readonly server?: string | null | undefined;
  /** Whether the server connects to PostgreSQL through a proxy. */
  readonly hasDatabaseRoad?: boolean | undefined;
}

/**
 * One installation for fault tests: a database, a model, the process of the server, and a proxy for each connection
 * between them. Rounds share it, each with its own user.
 */
export class Stage implements AsyncDisposable {
  private current: ServerProcess | undefined;
  /** Where the next server writes its log: an open file, or this process. */
  output: number | 'pipe' = 'pipe';

  private constructor(
    readonly build: ServerBuild,
    private readonly testDatabase: TestDatabase,
    readonly model: NumberedModel,
    /** The proxy between the server and the model. */
    readonly modelRoad: TcpProxy,
    /** The proxy between the tabs and the server. */
    readonly road: TcpProxy,
    /** The proxy between the server and PostgreSQL, if a fault has requested it. */
    private readonly postgresRoad: PostgresProxy | undefined,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async prepare(
    build: ServerBuild,
    { env = {}, server, hasDatabaseRoad = false }: StageOptions = {},
  ): Promise<Stage> {
    const model = await NumberedModel.start();
    const [database, modelRoad, road] = [
      await createTestDatabase(server),
      await TcpProxy.start(model.port),
      await TcpProxy.start(0),
    ];
    const postgresRoad = hasDatabaseRoad ? await PostgresProxy.start(database.url) : undefined;
    return new Stage(build, database, model, modelRoad, road, postgresRoad, env);
  }

  /** The same installation with another version of the program; removed with the first one. */
  withBuild(build: ServerBuild): Stage {
    return new Stage(build, this.testDatabase, this.model, this.modelRoad, this.road, this.postgresRoad, this.env);
  }

  get kind(): 'sqlite' | 'postgresql' {
    return this.testDatabase.url.startsWith('sqlite:') ? 'sqlite' : 'postgresql';
  }

  get databaseUrl(): string {
    return this.testDatabase.url;
  }

  /** The proxy between the server and PostgreSQL. @throws Error when the fault has not requested one */
  get databaseRoad(): PostgresProxy {
    if (!this.postgresRoad) throw new Error('The server reaches its database without a proxy');
    return this.postgresRoad;
  }

  get dataDir(): string {
    return this.testDatabase.dataDir;
  }

  /** The process of the server. @throws Error when none was started */
  get server(): ServerProcess {
    if (!this.current) throw new Error('No server was started');
    return this.current;
  }

  /** Whether a server runs. */
  get isUp(): boolean {
    return this.current?.isAlive ?? false;
  }

  /** Starts a server unless one runs, waits until it is ready, and opens the proxies again. */
  async up(): Promise<ServerProcess> {
    this.road.accept();
    this.road.become('pass');
    this.road.sliceBytes = 0;
    this.modelRoad.accept();
    this.modelRoad.become('pass');
    this.modelRoad.sliceBytes = 0;
    if (this.postgresRoad) Object.assign(this.postgresRoad, { decide: undefined, awayMs: 0 });
    if (!this.current?.isAlive) {
      this.current = await this.spawn();
      await this.current.ready();
      this.road.targetPort = this.current.port;
    }
    return this.current;
  }

  /**
   * Starts a further server on the same database, through `url` or as the first one, without waiting.
   * @param env added to the environment of the first one
   */
  async spawn(
    url = this.postgresRoad?.url ?? this.testDatabase.url,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    return ServerProcess.spawn(
      this.build,
      await freePort(),
      { ...this.environment, DATABASE_URL: url, ...env },
      this.output,
    );
  }

  /** Runs a command-line program of the server. @returns its exit code, and its output */
  async command(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: this.build.cwd,
      env: { PATH: process.env['PATH'], ...this.environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code, said: (await said).join('') };
  }

  /** Replaces the stage's server, which has ended, by one that was spawned. */
  adopt(server: ServerProcess): void {
    this.current = server;
    this.road.targetPort = server.port;
  }

  /** Opens the test's own database connection; a server must have created the tables. */
  evidence(): Promise<EvidenceDatabase> {
    return EvidenceDatabase.open(this.testDatabase.url);
  }

  /** The configuration of the stage's servers, without their ports. */
  get config(): Config {
    return readConfig(this.environment);
  }

  /** A token that every server of this stage accepts. */
  tokenOf(userId: string, sessionId: string): string {
    return new AccessTokens(this.config, new Clock()).issue({ id: userId }, sessionId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.current?.end();
    await this.road[Symbol.asyncDispose]();
    await this.modelRoad[Symbol.asyncDispose]();
    await this.model[Symbol.asyncDispose]();
    await this.postgresRoad?.[Symbol.asyncDispose]();
    await this.testDatabase[Symbol.asyncDispose]();
  }

  private get environment(): Record<string, string> {
    return {
      APP_SECRET: SECRET,
      PUBLIC_URL,
      DATA_DIR: this.testDatabase.dataDir,
      DATABASE_URL: this.testDatabase.url,
      // Sessions are created in the database; this only avoids loading the local provider.
      GOOGLE_CLIENT_ID: 'none',
      GOOGLE_CLIENT_SECRET: 'none',
      OPENAI_BASE_URL: `http://127.0.0.1:${this.modelRoad.port}/v1`,
      OPENAI_MODELS: 'test-model',
      LOG_LEVEL: 'error',
      ...WITHOUT_LIMITS,
      ...MODEL_CLOCKS,
      ...this.env,
    };
  }
}
