import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EvidenceDatabase } from '../../../backend/test/faults/stage/evidence-database.ts';
import type { ServerProcess } from '../../../backend/test/faults/stage/server-process.ts';
import type { TestDatabase } from '../../../backend/test/support/test-database.ts';
import { type AccessTokens, loadAccessTokens } from './access-tokens.ts';
import type { Children } from './children.ts';
import { inTurns } from '../load/answers.ts';
import { LockstepTab } from './lockstep-tab.ts';
import { ProcessMeter } from '../report/process-meter.ts';
import type { Room, System, Tab, TabListener } from './system.ts';

/** A user who is signed in. */
export interface Person {
  readonly userId: string;
  readonly sessionId: string;
}

export interface LockstepOptions {
  /** Disposed of with the system, unless `keepDatabase` is set. */
  readonly database: TestDatabase;
  readonly keepDatabase?: boolean;
  readonly modelPort: number;
  readonly processes?: number;
  /** Additional environment of the servers. */
  readonly env?: Readonly<Record<string, string>>;
  /** A module that is loaded before the server, such as one that counts statements, and its report file. */
  readonly preload?: { readonly module: string; readonly report: string };
  /** Users from an earlier start on the same database. */
  readonly people?: readonly Person[];
  /** How many users there should be; conversations belong to each in turn. Default: 20. */
  readonly peopleCount?: number;
}

const PEOPLE = 20;
/** Users that sign in at the same time. */
const SIGN_INS_AT_ONCE = 8;
const MAIN = resolve('dist/src/main.js');
/** As in production, with higher limits, which would otherwise end a measurement. */
const ENVIRONMENT = {
  NODE_ENV: 'production',
  // Never connected to: it only has to stay the same, since tokens contain it.
  PUBLIC_URL: 'http://lockstep.test',
  APP_SECRET: 'a secret that only measurements use, of 32 characters',
  GOOGLE_CLIENT_ID: 'bench',
  GOOGLE_CLIENT_SECRET: 'bench',
  OPENAI_API_KEY: 'bench',
  OPENAI_MODELS: 'bench',
  LOG_LEVEL: 'error',
  MAX_SOCKETS_PER_USER: '100000',
  MAX_SOCKETS_PER_ADDRESS: '100000',
  MAX_EVENTS_PER_SECOND: '100000',
  MAX_EVENTS_BURST: '100000',
  MAX_SENDS_PER_MINUTE: '1000000',
  MAX_RUNS_PER_USER: '100000',
  MODEL_MAX_REPLY_LENGTH: '20000000',
};
const ROWS_AT_A_TIME = 100;

/** The built server on a database, one process or several. */
export class LockstepSystem implements System {
  readonly meter: ProcessMeter;
  readonly people: readonly Person[];
  readonly database: TestDatabase;
  readonly #keepDatabase: boolean;
  readonly #processes: readonly ServerProcess[];
  readonly #evidence: EvidenceDatabase;
  readonly #tokens: AccessTokens;
  /** The owner of each conversation. */
  readonly #owners = new Map<string, Person>();

  private constructor(
    { database, keepDatabase = false, people = [] }: LockstepOptions,
    processes: readonly ServerProcess[],
    evidence: EvidenceDatabase,
    tokens: AccessTokens,
  ) {
    this.database = database;
    this.people = people;
    this.#keepDatabase = keepDatabase;
    this.#processes = processes;
    this.#evidence = evidence;
    this.#tokens = tokens;
    this.meter = new ProcessMeter(processes.map(({ pid }) => pid));
  }

  static async start(children: Children, options: LockstepOptions): Promise<LockstepSystem> {
    const { database, preload } = options;
    const env = {
      ...ENVIRONMENT,
      DATA_DIR: database.dataDir,
      DATABASE_URL: database.url,
      OPENAI_BASE_URL: `http://127.0.0.1:${options.modelPort}/v1`,
      ...options.env,
      ...(preload && {
        NODE_OPTIONS: `--import=${pathToFileURL(resolve(preload.module)).href}`,
        BENCH_REPORT: preload.report,
      }),
    };
    const processes: ServerProcess[] = [];
    // In sequence: the first process creates the tables.
    for (let at = 0; at < (options.processes ?? 1); at += 1) {
      processes.push(await children.start(MAIN, database.dataDir, env));
    }
    const evidence = await EvidenceDatabase.open(database.url);
    const people = [...(options.people ?? [])];
    const missing = Array(Math.max(0, (options.peopleCount ?? PEOPLE) - people.length)).fill(undefined);
    await inTurns(missing, SIGN_INS_AT_ONCE, async (_, at) => {
      people.push(await evidence.signIn(`bench-${at}`));
    });
    return new LockstepSystem({ ...options, people }, processes, evidence, await loadAccessTokens(env));
  }

  tokenOf({ userId, sessionId }: Person): string {
    return this.#tokens.issue({ id: userId }, sessionId);
  }

  /** The base URL of its HTTP API. */
  get url(): string {
    return `http://127.0.0.1:${this.#process(0).port}`;
  }

  /** Signals the module that is preloaded into the first process. */
  signal(): void {
    this.#process(0).signal('SIGUSR2');
  }

  /** Conversations with a title set by their owner, so that no title is requested from the model. */
  async rooms(count: number): Promise<readonly Room[]> {
    const rooms = Array.from({ length: count }, (_, at) => ({ id: randomUUID(), owner: this.#person(at) }));
    for (let from = 0; from < count; from += ROWS_AT_A_TIME) {
      const some = rooms.slice(from, from + ROWS_AT_A_TIME);
      const no = this.database.url.startsWith('sqlite:') ? '0' : 'false';
      const now = Date.now();
      const rows = some.map(
        (_, at) => `($${2 * at + 1}, $${2 * at + 2}, 'A title', 'owner', ${no}, ${no}, ${now}, ${now})`,
      );
      await this.#evidence.query(
        `insert into conversations (id, user_id, title, title_source, pinned, archived, created_at, updated_at)
         values ${rows.join(', ')}`,
        some.flatMap(({ id, owner }) => [id, owner.userId]),
      );
    }
    for (const { id, owner } of rooms) this.#owners.set(id, owner);
    return rooms;
  }

  openTab({ id }: Room, listener: TabListener, process = 0): Promise<Tab> {
    const owner = this.#owners.get(id) ?? this.#person(0);
    return LockstepTab.open(this.#process(process).port, this.tokenOf(owner), id, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#evidence[Symbol.asyncDispose]();
    for (const process of this.#processes) await process.end('SIGTERM');
    if (!this.#keepDatabase) await this.database[Symbol.asyncDispose]();
  }

  #person(at: number): Person {
    const person = this.people[at % this.people.length];
    if (!person) throw new Error('No user has signed in');
    return person;
  }

  #process(at: number): ServerProcess {
    const process = this.#processes[at];
    if (!process) throw new Error(`No process ${at} was started`);
    return process;
  }
}
