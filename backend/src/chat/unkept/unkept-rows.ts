import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { toNumber } from '../../database/sql/sql-values.js';
import type { SqlRow, SqlValue, Statement } from '../../database/sql/statement.js';
import type { RunStatement } from '../../database/transactions/transaction.js';
import { addFinishedRun, type OutboxTransaction } from '../../webhooks/outbox.js';
import type { UnkeptEnd } from './unkept-runs.service.js';
import type { RunOptions } from '../runs/run-job.js';
import { READ_REFUSED } from '../../team/models/model-access.statements.js';
import { lockStarts } from '../sending/idempotency.js';
import { refuseForbidden } from '../sending/model-choice.js';
import { tooManyRuns } from '../sending/standing.js';
import {
  COUNT_ACTIVE,
  FADED_UNKEPT,
  INSERT_UNKEPT,
  INSERT_UNKEPT_USAGE,
  REMOVE_ALL,
  REMOVE_FADED,
  REMOVE_UNKEPT,
  RENEW_UNKEPT,
} from './unkept-run.statements.js';

const LEASE_MS = 10_000;
/** A lease must be seen unchanged in two rounds: after a step of the clock living processes have time to renew theirs. */
const SWEEP_EVERY_MS = 5_000;

export interface UnkeptClaim {
  readonly id: string;
  readonly userId: string;
  readonly model: string;
}

/** The rows of runs whose reply is not kept. They count for the limit of active runs. */
@Injectable()
export class UnkeptRows implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UnkeptRows.name);
  private timer: NodeJS.Timeout | undefined;
  private faded: ReadonlyMap<string, number> = new Map();

  constructor(private readonly database: Database) {}

  async onApplicationBootstrap(): Promise<void> {
    // Only one process uses a SQLite file: these runs belong to a dead one.
    if (this.database.kind === 'sqlite') await this.interrupt(REMOVE_ALL, []);
    this.timer = setInterval(() => {
      this.sweep().catch((error: unknown) => this.logger.warn({ msg: 'Dead runs could not be removed', err: error }));
    }, SWEEP_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Inserts a row.
   * @throws ChatError `forbidden` for a model that the user may not ask; `rate_limited` while too many runs are active
   */
  async insert({ id, userId, model }: UnkeptClaim, { maxRuns, requestId }: RunOptions): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await lockStarts(transaction, userId);
      const refused = await transaction.all(READ_REFUSED, [userId]);
      refuseForbidden(
        [model],
        refused.map((row) => String(row['model'])),
      );
      const [row] = await transaction.all(COUNT_ACTIVE, [userId]);
      if (toNumber(row?.['active']) >= maxRuns) throw tooManyRuns(maxRuns);
      const now = this.database.clock.now();
      await transaction.all(INSERT_UNKEPT, [id, userId, model, requestId, now + LEASE_MS, now]);
    });
  }

  /** Renews the lease. @returns `false` when the row was removed: the run must stop */
  async renew(id: string): Promise<boolean> {
    const until = this.database.clock.now() + LEASE_MS;
    const rows = await this.database.transaction(({ all }) => all(RENEW_UNKEPT, [id, until]), 'upkeep');
    return rows.length > 0;
  }

  /** Replaces the row by the usage of the run, if there is any. Only the process that writes the run calls this. */
  async replace({ id, userId, model }: UnkeptClaim, { status, usage, error }: UnkeptEnd): Promise<void> {
    await this.database.transaction(async ({ all }) => {
      // Without the row this is a second attempt, or the run was taken for dead: it has been told of.
      const [removed] = await all(REMOVE_UNKEPT, [id]);
      const end = { runId: id, userId, model, status, errorCode: error?.code, usage };
      if (removed) await addFinishedRun(this.outbox(all), { ...end, conversationId: null, messageId: null });
      if (!usage) return;
      const { inputTokens, outputTokens, costMicros = null, estimated = false } = usage;
      const now = this.database.clock.now();
      await all(INSERT_UNKEPT_USAGE, [id, userId, model, now, inputTokens, outputTokens, costMicros, estimated]);
    });
  }

  /** Removes the rows of processes that have died, which would count for the limit of their users. */
  async sweep(): Promise<void> {
    const rows = await this.database.query(FADED_UNKEPT, [this.database.clock.now()]);
    const faded = new Map(rows.map((row) => [String(row['id']), toNumber(row['lease_until'])]));
    const seen = this.faded;
    this.faded = faded;
    for (const [id, until] of faded) {
      if (seen.get(id) !== until) continue;
      await this.interrupt(REMOVE_FADED, [id, until]);
      this.logger.warn({ msg: 'A run without a conversation was left by a process that died', runId: id });
    }
  }

  /** Removes the rows of runs whose process has died. */
  private async interrupt(removal: Statement, values: readonly SqlValue[]): Promise<void> {
    await this.database.transaction(async ({ all }) => {
      for (const row of await all(removal, values)) await addFinishedRun(this.outbox(all), interrupted(row));
    }, 'upkeep');
  }

  private outbox(all: RunStatement): OutboxTransaction {
    const { clock } = this.database;
    return { all, at: clock.now(), newId: () => clock.newId() };
  }
}

const interrupted = (row: SqlRow) => ({
  runId: String(row['id']),
  conversationId: null,
  messageId: null,
  userId: String(row['user_id']),
  model: String(row['model']),
  status: 'interrupted' as const,
});
