import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/core';
import { MIGRATIONS } from '../../migrations/index.js';
import { Conversation } from '../../src/chat/conversations/conversation.entity.js';
import { type Claim, LEASES } from '../../src/chat/runs/lease.js';
import { Run } from '../../src/chat/runs/run.entity.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { Database } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { conversationStream } from '../../src/protocol/index.js';
import { ENTITIES } from '../../src/schema.js';
import type { CommittedBatch } from '../../src/streams/log/committed-batch.js';
import type { Delta, DeltaSource } from '../../src/streams/journal/delta-tail.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { Journal, type JournalWriter } from '../../src/streams/journal/journal.js';
import { textReader } from '../../src/streams/journal/journal-tables.js';
import { LiveDeltas } from '../../src/streams/journal/live-deltas.js';
import { StreamReader } from '../../src/streams/log/stream-reader.js';
import { StreamSources } from '../../src/streams/log/stream-sources.js';
import { User } from '../../src/users/user.entity.js';
import type { TestDatabase } from '../support/test-database.js';

/** A run that writes what the test says. */
export class TestRun implements JournalWriter {
  readonly source: DeltaSource;
  readonly claim: Claim;
  pending = '';
  written = '';
  isLost = false;
  private inFlight = '';

  constructor(
    readonly conversationId: string,
    runId: string,
    number: number,
  ) {
    this.claim = { runId, fence: 1, number };
    this.source = { runId, messageId: randomUUID(), stream: conversationStream(conversationId) };
  }

  take(): Delta | undefined {
    this.inFlight = this.pending;
    return this.inFlight === '' ? undefined : { offset: this.written.length, text: this.inFlight };
  }

  committed(end?: number): void {
    // Nothing of it was written.
    if (end === undefined) this.inFlight = '';
    this.written += this.inFlight;
    this.pending = this.pending.slice(this.inFlight.length);
    this.inFlight = '';
  }

  lost(): void {
    this.isLost = true;
  }
}

/** One process with a journal. */
export class JournalProcess implements AsyncDisposable {
  readonly live = new LiveDeltas();
  readonly log: EventLog;
  readonly journal: Journal;
  readonly reader: StreamReader;
  readonly received: CommittedBatch[] = [];

  private constructor(
    private readonly orm: MikroORM,
    readonly database: Database,
  ) {
    this.log = new EventLog(database, this.live);
    this.journal = new Journal(database, this.log, this.live);
    const sources = new StreamSources();
    sources.register('conversation', {
      mayRead: () => Promise.resolve(true),
      snapshot: () => Promise.resolve('a snapshot'),
    });
    this.reader = new StreamReader(database, sources, this.live);
    this.log.onCommitted((batch) => this.received.push(batch));
  }

  static async open(test: TestDatabase): Promise<JournalProcess> {
    const config = readConfig({ DATABASE_URL: test.url, DATA_DIR: test.dataDir });
    const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    await migrate(orm, config);
    const process = new JournalProcess(orm, new Database(orm));
    await process.journal.onModuleInit();
    return process;
  }

  /** A running run of this process, in its own conversation. */
  async begin(): Promise<TestRun> {
    const { process, n, run: number } = this.journal.newPlace();
    const run = new TestRun(randomUUID(), randomUUID(), number);
    await this.log.write(async (transaction) => {
      const { em, at } = transaction;
      const userId = randomUUID();
      em.create(User, {
        id: userId,
        email: `${userId}@example.com`,
        name: 'Ada',
        hasOwnName: false,
        picture: null,
        pictureHash: null,
        role: 'user',
        disabled: false,
        preferences: {},
        personal: null,
        deletingSince: null,
        createdAt: at,
        lastSeenAt: null,
      });
      em.create(Conversation, {
        id: run.conversationId,
        userId,
        title: 'A conversation',
        titleSource: 'message',
        pinned: false,
        archived: false,
        leafId: null,
        settings: {},
        inputTokens: 0,
        outputTokens: 0,
        costMicros: null,
        usageEstimated: false,
        deletedAt: null,
        createdAt: at,
        updatedAt: at,
      });
      em.create(Run, {
        id: run.claim.runId,
        conversationId: run.conversationId,
        userId,
        messageId: run.source.messageId,
        status: 'running',
        model: 'test-model',
        fence: 1,
        ownerId: randomUUID(),
        leaseUntil: Date.now() + 60_000,
        firstSeq: 1,
        journal: process,
        journalFrom: n,
        journalRun: number,
        requestId: 'request',
        clientMessageId: null,
        payloadHash: null,
        createdAt: at,
        finishedAt: null,
      });
      await em.flush();
      transaction.append(run.source.stream, {
        type: 'run.started',
        data: { runId: run.claim.runId, messageId: run.source.messageId, attempt: 1, model: 'test-model' },
      });
    });
    return run;
  }

  /** Writes text of runs, and commits it. */
  async say(texts: ReadonlyMap<TestRun, string>): Promise<void> {
    for (const [run, text] of texts) run.pending += text;
    await this.journal.commit([...texts.keys()], LEASES);
  }

  /** The next commit succeeds, but its answer is lost. */
  losesAnswer(reason: string): () => void {
    const { database } = this;
    const [steps, once] = [database.steps.bind(database), database.once.bind(database)];
    const spy =
      database.kind === 'sqlite'
        ? jest.spyOn(database, 'steps').mockImplementationOnce(async (work) => {
            await steps(work, () => undefined);
            throw new Error(reason);
          })
        : jest.spyOn(database, 'once').mockImplementationOnce(async (...query) => {
            await once(...query);
            throw new Error(reason);
          });
    return () => spy.mockRestore();
  }

  /** The next commit fails at its end. */
  refuses(reason: string): () => void {
    const { database } = this;
    const steps = database.steps.bind(database);
    const spy =
      database.kind === 'sqlite'
        ? jest.spyOn(database, 'steps').mockImplementationOnce((work) =>
            steps(
              function* () {
                yield* work();
                throw new Error(reason);
              },
              () => undefined,
            ),
          )
        : jest.spyOn(database, 'once').mockRejectedValueOnce(new Error(reason));
    return () => spy.mockRestore();
  }

  async rename(run: TestRun): Promise<void> {
    await this.log.write((transaction) => {
      transaction.append(run.source.stream, { type: 'conversation.deleted', data: { id: run.conversationId } });
      return Promise.resolve();
    });
  }

  subscribe(run: TestRun, after?: { readonly epoch: string; readonly seq: number }) {
    return this.reader.subscribe({ userId: randomUUID(), role: 'user' }, run.source.stream, after);
  }

  /** The text in a snapshot, and the text in the journal alone. */
  textsOf(run: TestRun): Promise<readonly [string, string]> {
    const { runId } = run.claim;
    return this.database.reading(async (transaction) => [
      await textReader(transaction, this.live)(runId),
      await textReader(transaction, new LiveDeltas())(runId),
    ]);
  }

  /** The events that listeners got for a run's stream. */
  receivedOf({ source }: TestRun) {
    return this.received.filter(({ stream }) => stream === source.stream).flatMap(({ events }) => events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.orm.close();
  }
}
