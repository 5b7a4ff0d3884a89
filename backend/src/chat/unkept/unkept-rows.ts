import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { toNumber } from '../../database/sql/sql-values.js';
import type { ReplySettings, Turn } from '../../models/model-request.js';
import { type FinalStatus, NO_USAGE, type RunErrorCode, type Usage } from '../../protocol/index.js';
import type { SqlRow, SqlValue, Statement } from '../../database/sql/statement.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { telemetry } from '../../telemetry.js';
import { addFinishedRun } from '../../webhooks/outbox.js';
import { readBudget } from '../budgets/budget-rows.js';
import { reserve, settle } from '../budgets/reservation.js';
import type { RunOptions } from '../runs/run-job.js';
import { READ_REFUSED } from '../../team/models/model-access.statements.js';
import { RunActivity } from '../activity/run-activity.service.js';
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

/** What the model is asked. */
export interface UnkeptPrompt {
  readonly history: readonly Turn[];
  readonly settings?: ReplySettings | undefined;
}

/** How the run ended; `usage` is what was stored. */
export interface UnkeptEnd {
  readonly status: FinalStatus;
  readonly usage?: Usage | undefined;
  readonly error?: { readonly code: RunErrorCode; readonly retryAfterMs?: number | undefined } | undefined;
  /** From the call of the model until its first text. */
  readonly firstTokenMs?: number | undefined;
}
/** Decides within the transaction whether a run may start; refuses by throwing. */
export type Admit = (transaction: RunsStatements) => Promise<void>;

/** The rows of runs whose reply is not kept. They count for the limit of active runs. */
@Injectable()
export class UnkeptRows implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UnkeptRows.name);
  private timer: NodeJS.Timeout | undefined;
  private faded: ReadonlyMap<string, number> = new Map();

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly activity: RunActivity,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // Only one process uses a SQLite file: these runs belong to a dead one.
    if (this.database.kind === 'sqlite') await this.removeAs('interrupted', REMOVE_ALL, []);
    this.timer = setInterval(() => {
      this.sweep().catch((error: unknown) => this.logger.warn({ msg: 'Dead runs could not be removed', err: error }));
    }, SWEEP_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Inserts a row, and what the run reserves of the budget.
   * @throws ChatError `forbidden` for a model that the user may not ask; `rate_limited` while too many runs are active;
   * `budget_exceeded`; and what `admit` throws
   */
  async insert(
    { id, userId, model, history, settings = {} }: UnkeptClaim & UnkeptPrompt,
    { maxRuns, requestId, expects }: RunOptions,
    admit: Admit,
  ): Promise<void> {
    const expected = expects(model, { history, settings });
    await this.log.write(async (transaction) => {
      await lockStarts(transaction, userId);
      const refused = await transaction.all(READ_REFUSED, [userId]);
      refuseForbidden(
        [model],
        refused.map((row) => String(row['model'])),
      );
      const [row] = await transaction.all(COUNT_ACTIVE, [userId]);
      if (toNumber(row?.['active']) >= maxRuns) throw tooManyRuns(maxRuns);
      const reserved = await reserve(transaction, userId, await readBudget(transaction, userId), expected);
      await admit(transaction);
      const { at } = transaction;
      const { tokens, micros } = reserved;
      await transaction.all(INSERT_UNKEPT, [id, userId, model, requestId, at + LEASE_MS, at, tokens, micros]);
    });
    this.activity.note(id);
  }

  /**
   * Renews the lease, and stores the usage so far.
   * @returns `false` when the row was removed: the run must stop
   */
  async renew(id: string, { inputTokens, outputTokens, costMicros }: Usage): Promise<boolean> {
    const values = [id, this.database.clock.now() + LEASE_MS, inputTokens, outputTokens, costMicros ?? null];
    const rows = await this.database.transaction(({ all }) => all(RENEW_UNKEPT, values), 'upkeep');
    return rows.length > 0;
  }

  /** Replaces the row by the usage of the run. Only the process that writes the run calls this. */
  async replace(claim: UnkeptClaim, end: UnkeptEnd): Promise<void> {
    await this.log.write(async (transaction) => {
      // Without the row this is a second attempt, or the run was taken for dead: its end is known.
      const [removed] = await transaction.all(REMOVE_UNKEPT, [claim.id]);
      if (removed) await reportEnd(transaction, claim, end);
      await count(transaction, claim, end);
      await settle(transaction, claim.userId);
    });
    this.activity.note(claim.id);
  }

  /**
   * Removes the row of a run, which stops it within a heartbeat. What it has used so far is counted at once, since its
   * process may have died.
   * @returns the run; `undefined` if it has ended. Call `noteEnd` after the commit.
   */
  async remove(transaction: LogTransaction, id: string): Promise<UnkeptClaim | undefined> {
    const [row] = await transaction.all(REMOVE_UNKEPT, [id]);
    return row && finish(transaction, row, 'stopped');
  }

  /** Lets admins see that a run has been removed. */
  noteEnd(id: string): void {
    this.activity.note(id);
  }

  /** Removes the rows of processes that have died, which would count for the limit of their users. */
  async sweep(): Promise<void> {
    const rows = await this.database.query(FADED_UNKEPT, [this.database.clock.now()]);
    const faded = new Map(rows.map((row) => [String(row['id']), toNumber(row['lease_until'])]));
    const seen = this.faded;
    this.faded = faded;
    for (const [id, until] of faded) {
      if (seen.get(id) !== until) continue;
      await this.removeAs('interrupted', REMOVE_FADED, [id, until]);
      this.activity.note(id);
      this.logger.warn({ msg: 'A run without a conversation was left by a process that died', runId: id });
    }
  }

  /** Removes rows, and counts what their runs have used as far as it was stored. */
  private async removeAs(status: FinalStatus, removal: Statement, values: readonly SqlValue[]): Promise<void> {
    await this.log.write(async (transaction) => {
      for (const row of await transaction.all(removal, values)) await finish(transaction, row, status);
    });
  }
}

/** Ends a run whose row was removed by another process than its own. */
async function finish(transaction: LogTransaction, row: SqlRow, status: FinalStatus): Promise<UnkeptClaim> {
  const { claim, usage } = readRow(row);
  await reportEnd(transaction, claim, { status, usage });
  await count(transaction, claim, { status, usage });
  await settle(transaction, claim.userId);
  return claim;
}

/** Reports the end to webhooks, and after the commit to metrics. */
async function reportEnd(
  transaction: LogTransaction,
  { id, userId, model }: UnkeptClaim,
  end: UnkeptEnd,
): Promise<void> {
  const { status, usage, error } = end;
  transaction.onCommitted(() => telemetry.runEnded.publish({ end: status, model }));
  const run = { runId: id, conversationId: null, messageId: null, userId, model };
  await addFinishedRun(transaction, { ...run, status, errorCode: error?.code, usage });
}

async function count({ all, at }: LogTransaction, { id, userId, model }: UnkeptClaim, end: UnkeptEnd): Promise<void> {
  const { inputTokens, outputTokens, costMicros = null, estimated = false } = end.usage ?? NO_USAGE;
  const used = [inputTokens, outputTokens, costMicros, estimated];
  const { status, error, firstTokenMs = null } = end;
  await all(INSERT_UNKEPT_USAGE, [id, userId, model, at, ...used, status, error?.code ?? null, firstTokenMs]);
}

function readRow(row: SqlRow): { readonly claim: UnkeptClaim; readonly usage: Usage | undefined } {
  const claim = { id: String(row['id']), userId: String(row['user_id']), model: String(row['model']) };
  const [inputTokens, outputTokens] = [toNumber(row['input_tokens']), toNumber(row['output_tokens'])];
  if (inputTokens + outputTokens === 0) return { claim, usage: undefined };
  const cost = row['cost_micros'] === null ? {} : { costMicros: toNumber(row['cost_micros']) };
  return { claim, usage: { inputTokens, outputTokens, ...cost, estimated: true } };
}
