import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../common/within.js';
import { currentRequestId, withRun } from '../../common/request-id.js';
import { LanguageModel } from '../../models/language-model.js';
import { ModelError } from '../../models/model-error.js';
import type { ModelRequest } from '../../models/model-request.js';
import { isTokenCount } from '../../models/usage/token-counts.js';
import { UsageMeter } from '../../models/usage/usage-meter.js';
import { type FinalStatus, NO_USAGE, type Usage } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { RunOptions } from '../runs/run-job.js';
import { traceRun } from '../../tracing/run-span.js';
import { timedSink } from '../runs/timed-sink.js';
import { type Admit, type UnkeptClaim, type UnkeptEnd, UnkeptRows } from './unkept-rows.js';

const HEARTBEAT_MS = 2_000;
const RETRY_END_MS = 1_000;
/** How often storing the end of a run is tried; each attempt has the patience of the database. */
const END_ATTEMPTS = 10;
/** How long ending all runs may take when the server stops. */
const END_WITHIN_MS = 2_000;

/** A question whose reply is not kept. The `signal` stops the run. */
export interface UnkeptQuestion extends UnkeptClaim, Pick<ModelRequest, 'history' | 'settings' | 'stop' | 'signal'> {
  /** Receives the pieces of the reply, like `ReplySink.text`. */
  readonly onText: (text: string) => void;
}

/** The text that a run has written so far. */
interface Written {
  reply: string;
}

/**
 * Runs without a conversation: their text goes to one listener and is stored nowhere, so it needs neither the log nor
 * the committer. What stays is the usage entry.
 */
@Injectable()
export class UnkeptRuns {
  private readonly logger = new Logger(UnkeptRuns.name);
  private isDraining = false;
  private readonly live = new Map<string, { readonly stop: AbortController; readonly done: Promise<unknown> }>();

  constructor(
    private readonly rows: UnkeptRows,
    private readonly model: LanguageModel,
    private readonly meter: UsageMeter,
  ) {}

  /** The number of runs that this process is writing. */
  get active(): number {
    return this.live.size;
  }

  /**
   * Asks the model, and resolves at the end of the run, when its usage is stored.
   * @param admit called in the transaction that admits the run; refuses it by throwing
   * @throws ChatError `rate_limited` while too many runs of the user are active, `storage`
   */
  async run(question: UnkeptQuestion, options: RunOptions, admit: Admit): Promise<UnkeptEnd> {
    const { id: runId } = question;
    await this.rows.insert(question, options, admit);
    const stop = new AbortController();
    // The server has begun to stop while the row was written.
    if (this.isDraining) stop.abort('interrupted' satisfies FinalStatus);
    const work = withRun({ runId, requestId: options.requestId }, () =>
      traceRun({ runId, model: question.model }, () => this.work(question, stop)),
    );
    this.live.set(runId, { stop, done: work });
    try {
      return await work;
    } finally {
      this.live.delete(runId);
    }
  }

  /**
   * Stops a run in the caller's transaction, whichever process is writing it.
   * @returns whether it was active
   */
  async remove(transaction: LogTransaction, id: string): Promise<boolean> {
    const removed = await this.rows.remove(transaction, id);
    transaction.onCommitted(() => {
      this.rows.noteEnd(id);
      this.live.get(id)?.stop.abort('stopped' satisfies FinalStatus);
    });
    return removed !== undefined;
  }

  /** Waits up to `drainMs` for the active runs, then ends the rest as `interrupted`. */
  async drain(drainMs: number): Promise<void> {
    const allEnded = () => Promise.allSettled([...this.live.values()].map(({ done }) => done));
    await within(drainMs, allEnded());
    this.isDraining = true;
    for (const { stop } of this.live.values()) stop.abort('interrupted' satisfies FinalStatus);
    await within(END_WITHIN_MS, allEnded());
  }

  private async work(question: UnkeptQuestion, stop: AbortController): Promise<UnkeptEnd> {
    const written = { reply: '' };
    const heartbeat = setInterval(() => void this.renew(question, written, stop), HEARTBEAT_MS);
    try {
      const end = await this.readModel(question, written, stop);
      await this.store(question, end);
      return end;
    } finally {
      clearInterval(heartbeat);
    }
  }

  private async renew(question: UnkeptQuestion, { reply }: Written, stop: AbortController): Promise<void> {
    try {
      const usage = reply === '' ? NO_USAGE : this.estimate(question, reply);
      if (!(await this.rows.renew(question.id, usage))) stop.abort('stopped' satisfies FinalStatus);
    } catch (error) {
      this.logger.debug({ msg: 'A lease could not be renewed', err: error });
    }
  }

  private async readModel(question: UnkeptQuestion, written: Written, stop: AbortController): Promise<UnkeptEnd> {
    const { model, onText } = question;
    let counted: Usage | undefined;
    let firstTokenMs: number | undefined;
    const signal = AbortSignal.any([question.signal, stop.signal]);
    const sink = timedSink(
      model,
      (text) => {
        written.reply += text;
        onText(text);
      },
      (ms) => (firstTokenMs = ms),
      (usage) => (counted = usage),
    );
    const usageOf = (isComplete: boolean): Usage | undefined => {
      if (counted && isTokenCount(counted.inputTokens) && isTokenCount(counted.outputTokens)) {
        return this.meter.priced(model, counted);
      }
      if (written.reply === '' && !isComplete) return undefined;
      return this.estimate(question, written.reply);
    };
    try {
      await this.model.reply({ ...question, requestId: currentRequestId(), signal }, sink);
      return { status: 'completed', usage: usageOf(true), firstTokenMs };
    } catch (error) {
      const usage = usageOf(false);
      if (stop.signal.aborted) return { status: stop.signal.reason as FinalStatus, usage, firstTokenMs };
      if (question.signal.aborted) return { status: 'stopped', usage, firstTokenMs };
      return { status: 'failed', usage, firstTokenMs, error: this.describe(error) };
    }
  }

  private estimate({ model, settings, history }: UnkeptQuestion, reply: string): Usage {
    return this.meter.estimated(model, { settings: settings ?? {}, history, reply });
  }

  private describe(error: unknown): UnkeptEnd['error'] {
    if (error instanceof ModelError) {
      this.logger.warn({ msg: 'The model failed', code: error.code });
      return { code: error.code, retryAfterMs: error.retryAfterMs };
    }
    this.logger.error({ msg: 'A run failed', err: error });
    return { code: 'internal' };
  }

  /** The answer does not wait for later attempts: the program has its text already. */
  private async store(claim: UnkeptClaim, end: UnkeptEnd): Promise<void> {
    try {
      await this.rows.replace(claim, end);
    } catch (error) {
      this.logger.error({ msg: 'The usage of a run could not be stored; trying again', err: error });
      void this.storeLater(claim, end);
    }
  }

  private async storeLater(claim: UnkeptClaim, end: UnkeptEnd): Promise<void> {
    for (let attempt = 1; attempt < END_ATTEMPTS; attempt += 1) {
      await delay(RETRY_END_MS, undefined, { ref: false });
      try {
        await this.rows.replace(claim, end);
        return;
      } catch (error) {
        this.logger.error({ msg: 'The usage of a run could not be stored', attempt, err: error });
      }
    }
  }
}
