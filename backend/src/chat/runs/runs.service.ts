import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { currentRequestId, withRun } from '../../common/request-id.js';
import { within } from '../../common/within.js';
import { LanguageModel } from '../../models/language-model.js';
import { ModelError } from '../../models/model-error.js';
import { UsageMeter } from '../../models/usage/usage-meter.js';
import { ChatError, type RunError, type RunStatus, type Usage } from '../../protocol/index.js';
import { Committer } from '../../streams/journal/committer.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { Journal } from '../../streams/journal/journal.js';
import { bareEnd, willPass } from './end-failure.js';
import { HEARTBEAT_MS, LEASES } from './lease.js';
import { endRun, type RunEnd } from './run-end.js';
import type { RunJob, RunOptions } from './run-job.js';
import { traceRun } from '../../tracing/run-span.js';
import { RunWriter } from './run-writer.js';
import { timedSink } from './timed-sink.js';

const RETRY_END_MS = 1_000;
/** How long ending all runs may take when the server stops. */
const END_WITHIN_MS = 2_500;
/** How often an end is retried after an error that seems permanent, since that judgement may be wrong. */
const END_ATTEMPTS = 3;

/**
 * Streams replies of the model into the log. A run does not depend on any tab being open (`L9`).
 *
 * One token costs 0.4 us of CPU here, with 200 replies at once.
 */
@Injectable()
export class RunsService {
  private readonly logger = new Logger(RunsService.name);
  private readonly live = new Map<string, { readonly writer: RunWriter; readonly done: Promise<void> }>();
  private readonly committer: Committer<RunWriter>;
  private isDraining = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: EventLog,
    private readonly model: LanguageModel,
    private readonly meter: UsageMeter,
    private readonly journal: Journal,
  ) {
    this.committer = new Committer<RunWriter>({
      commit: (writers) => journal.commit(writers, LEASES),
      get isDoubtful() {
        return journal.isDoubtful;
      },
    });
  }

  /** Whether this process is writing the run, whatever its lease says. */
  isWriting(runId: string): boolean {
    return this.live.has(runId);
  }

  /**
   * The conditions under which a run may start now.
   * @throws ChatError `draining` when this process starts no more runs
   */
  options(): RunOptions {
    if (this.isDraining) throw new ChatError('draining', 'The server is restarting.', { retryAfterMs: 2_000 });
    return {
      allowed: this.model.allowed,
      requestId: currentRequestId(),
      maxRuns: this.config.limits.runsPerUser,
      journal: this.journal.newPlace(),
      expects: (model, turn) => this.meter.expected(model, turn),
    };
  }

  /** The number of runs that this process is writing. */
  get active(): number {
    return this.live.size;
  }

  /** The number of runs whose text or lease waits for a commit. */
  get waitingForCommit(): number {
    return this.committer.depth;
  }

  /** Whether this process is stopping and starts no new runs. */
  get draining(): boolean {
    return this.isDraining;
  }

  /**
   * Starts a run, whose rows must be committed.
   * @returns a promise that resolves when the run has ended in any way; it never rejects
   */
  start(job: RunJob): Promise<void> {
    const abort = new AbortController();
    const writer = new RunWriter(
      job,
      job.messageId,
      job.conversationId,
      job.offset,
      (self) => this.committer.submit(self),
      () => abort.abort(),
    );
    const { runId, requestId } = job;
    const work = (): Promise<unknown> => traceRun(job, () => this.work(job, writer, abort.signal), writer);
    const broke = (error: unknown): void => this.logger.error({ msg: 'A run broke', runId, err: error });
    const done = withRun({ runId, requestId }, work).then(() => undefined, broke);
    this.live.set(job.runId, { writer, done });
    return done;
  }

  /** Resolves when a run of this process has ended; at once for any other run. */
  async ended(runId: string): Promise<void> {
    await this.live.get(runId)?.done;
  }

  /**
   * Stops a run of a user, whichever process is writing it.
   * @returns the status of the run afterwards, which is not `stopped` when it had already ended
   * @throws ChatError `not_found`
   */
  async stop(runId: string, ownerId: string): Promise<RunStatus> {
    const end: RunEnd = { status: 'stopped', ownerId };
    return this.log.write((transaction) => {
      transaction.onCommitted(() => this.abandon(runId));
      return this.endWithin(transaction, runId, end);
    });
  }

  /** Ends a run in the caller's transaction, see `endRun`. The caller must call `abandon` after the commit. */
  endWithin(transaction: LogTransaction, runId: string, end: RunEnd): Promise<RunStatus> {
    const firstTokenMs = this.live.get(runId)?.writer.firstTokenMs;
    return endRun(transaction, runId, { firstTokenMs, ...end }, this.meter);
  }

  /** Closes the connection to the model of a run that has already been ended. */
  abandon(runId: string): void {
    const run = this.live.get(runId);
    run?.writer.lost();
  }

  /**
   * Starts no new runs, waits up to `drainMs` for the active ones, then ends the rest as `interrupted` within a few
   * seconds. A run that cannot be ended in time is ended by another process after its lease has expired.
   */
  async drain(drainMs: number): Promise<void> {
    this.isDraining = true;
    // In a loop, because a command that was being handled may have started another run.
    const allEnded = async (): Promise<void> => {
      while (this.live.size > 0) await Promise.all([...this.live.values()].map(({ done }) => done));
    };
    await within(drainMs, allEnded());
    const ended = this.endAll().then(() => Promise.all([allEnded(), this.committer.idle()]));
    if (await within(END_WITHIN_MS, ended)) return;
    this.logger.error({ msg: 'The end of some runs could not be stored in time', runs: [...this.live.keys()] });
  }

  private async endAll(): Promise<void> {
    const ends = [...this.live.keys()].map(async (runId) => {
      // A run that cannot be ended must not keep the others from ending; the reaper of another process tries again.
      await this.endAlone(runId, { status: 'interrupted' }).catch((error: unknown) => {
        this.logger.error({ msg: 'A run could not be ended', runId, err: error });
      });
      this.abandon(runId);
    });
    await Promise.all(ends);
  }

  /** Ends a run in its own transaction; with `bareEnd` if the end cannot be stored as it is. */
  private async endAlone(runId: string, end: RunEnd): Promise<void> {
    try {
      await this.log.write((transaction) => this.endWithin(transaction, runId, end));
    } catch (error) {
      if (willPass(error)) throw error;
      this.logger.error({ msg: 'The end of a run cannot be stored: it ends as failed', runId, err: error });
      await this.log.write((transaction) => this.endWithin(transaction, runId, bareEnd(currentRequestId())));
    }
  }

  /** @returns how the run has ended; `undefined` if it was ended elsewhere */
  private async work(job: RunJob, writer: RunWriter, signal: AbortSignal): Promise<RunEnd | undefined> {
    const heartbeat = setInterval(() => writer.beat(), HEARTBEAT_MS);
    try {
      const outcome = await this.readModel(job, writer, signal);
      await writer.drain();
      if (writer.state.kind === 'lost') return undefined;
      await this.end(job, outcome);
      return outcome;
    } finally {
      clearInterval(heartbeat);
      this.live.delete(job.runId);
      this.journal.release(job.runId);
    }
  }

  private async readModel(job: RunJob, writer: RunWriter, signal: AbortSignal): Promise<RunEnd> {
    let usage: Usage | undefined;
    try {
      const { model, settings, stop, history, requestId } = job;
      const sink = timedSink(
        model,
        (text) => writer.push(text),
        (ms) => (writer.firstTokenMs = ms),
        (counted) => (usage = counted),
      );
      await this.model.reply({ model, settings, stop, history, requestId, signal }, sink);
      return { status: 'completed', usage };
    } catch (error) {
      // When the model adds nothing to a continued reply, the reply was complete already.
      const hasNothingToAdd = error instanceof ModelError && error.code === 'model_empty' && job.offset > 0;
      if (hasNothingToAdd) return { status: 'completed', usage };
      return { status: 'failed', usage, error: this.describe(job, writer, error) };
    }
  }

  private describe({ runId, requestId }: RunJob, writer: RunWriter, error: unknown): RunError {
    if (writer.state.kind === 'overfull') return { code: 'storage', requestId };
    if (error instanceof ModelError) {
      this.logger.warn({ msg: 'The model failed', runId, requestId, code: error.code });
      return { code: error.code, requestId };
    }
    if (writer.state.kind === 'open') this.logger.error({ msg: 'A run failed', runId, requestId, err: error });
    return { code: 'internal', requestId };
  }

  /**
   * Retries as long as the database is not available: otherwise every tab would wait until the lease has expired. An
   * end that seems impossible to store is replaced by `bareEnd` after some attempts.
   *
   * @throws the error of storing `bareEnd`; the reaper ends the run after its lease has expired
   */
  private async end({ runId, fence, requestId }: RunJob, outcome: RunEnd): Promise<void> {
    let end: RunEnd = outcome;
    for (let refused = 0; ;) {
      try {
        // Because of the fence no other process has written: the committed text is the one in memory.
        const written = this.journal.textOf(runId);
        await this.log.write((transaction) => this.endWithin(transaction, runId, { ...end, fence, written }));
        return;
      } catch (error) {
        if (willPass(error)) {
          this.logger.error({ msg: 'The end of a run could not be stored; trying again', runId, err: error });
        } else {
          refused += 1;
          if (refused === END_ATTEMPTS) {
            this.logger.error({ msg: 'The end of a run cannot be stored: it ends as failed', runId, err: error });
            end = bareEnd(requestId);
          }
          if (refused >= 2 * END_ATTEMPTS) throw error;
        }
        await delay(RETRY_END_MS);
      }
    }
  }
}
