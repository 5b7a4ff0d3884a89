import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../common/within.js';
import { currentRequestId, withRun } from '../../common/request-id.js';
import { LanguageModel } from '../../models/language-model.js';
import { ModelError } from '../../models/model-error.js';
import type { ModelRequest } from '../../models/model-request.js';
import { isTokenCount } from '../../models/usage/token-counts.js';
import { UsageMeter } from '../../models/usage/usage-meter.js';
import type { FinalStatus, RunErrorCode, Usage } from '../../protocol/index.js';
import type { RunOptions } from '../runs/run-job.js';
import { type UnkeptClaim, UnkeptRows } from './unkept-rows.js';

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

/** How the run ended; `usage` is what was stored. */
export interface UnkeptEnd {
  readonly status: FinalStatus;
  readonly usage?: Usage | undefined;
  readonly error?: { readonly code: RunErrorCode; readonly retryAfterMs?: number | undefined } | undefined;
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
   * @param begun called when the run has been admitted
   * @throws ChatError `rate_limited` while too many runs of the user are active, `storage`
   */
  async run(question: UnkeptQuestion, options: RunOptions, begun: () => void): Promise<UnkeptEnd> {
    const { id: runId } = question;
    await this.rows.insert(question, options);
    begun();
    const stop = new AbortController();
    // The server has begun to stop while the row was written.
    if (this.isDraining) stop.abort('interrupted' satisfies FinalStatus);
    const work = withRun({ runId, requestId: options.requestId }, () => this.work(question, stop));
    this.live.set(runId, { stop, done: work });
    try {
      return await work;
    } finally {
      this.live.delete(runId);
    }
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
    const heartbeat = setInterval(() => void this.renew(question.id, stop), HEARTBEAT_MS);
    try {
      const end = await this.readModel(question, stop);
      await this.store(question, end);
      return end;
    } finally {
      clearInterval(heartbeat);
    }
  }

  private async renew(id: string, stop: AbortController): Promise<void> {
    try {
      if (!(await this.rows.renew(id))) stop.abort('stopped' satisfies FinalStatus);
    } catch (error) {
      this.logger.debug({ msg: 'A lease could not be renewed', err: error });
    }
  }

  private async readModel(question: UnkeptQuestion, stop: AbortController): Promise<UnkeptEnd> {
    const { model, history, settings, onText } = question;
    let reply = '';
    let counted: Usage | undefined;
    const signal = AbortSignal.any([question.signal, stop.signal]);
    const sink = {
      text: (text: string) => {
        reply += text;
        onText(text);
      },
      usage: (usage: Usage) => void (counted = usage),
    };
    const usageOf = (isComplete: boolean): Usage | undefined => {
      if (counted && isTokenCount(counted.inputTokens) && isTokenCount(counted.outputTokens)) {
        return this.meter.priced(model, counted);
      }
      if (reply === '' && !isComplete) return undefined;
      return this.meter.estimated(model, { settings: settings ?? {}, history, reply });
    };
    try {
      await this.model.reply({ ...question, requestId: currentRequestId(), signal }, sink);
      return { status: 'completed', usage: usageOf(true) };
    } catch (error) {
      const usage = usageOf(false);
      if (stop.signal.aborted) return { status: stop.signal.reason as FinalStatus, usage };
      if (question.signal.aborted) return { status: 'stopped', usage };
      return { status: 'failed', usage, error: this.describe(error) };
    }
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
