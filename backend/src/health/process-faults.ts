import { Injectable, Logger } from '@nestjs/common';
import { toModelError } from '../models/failures/provider-failure.js';
import { GuestCall } from '../models/providers/guest-call.js';

/** The numbers of unhandled errors since the start of the process. */
export interface FaultCounts {
  unhandledRejections: number;
  uncaughtExceptions: number;
}

/**
 * Handles errors that would otherwise end the process at once, together with all its runs.
 *
 * - **An unhandled rejection**: the server continues. No synchronous code was interrupted, callers got their own
 * errors,
 *   and commits do not depend on the rejected promise.
 * - **An uncaught exception in code of a provider's package**: the server continues. The call fails, and with it its
 * run;
 *   the package shares no state with the rest.
 * - **Any other uncaught exception**: synchronous code was interrupted, so the state of the process is in doubt. The
 *   server accepts no new work, waits for its runs and stops, so that its supervisor starts it again.
 */
@Injectable()
export class ProcessFaults {
  readonly counts: FaultCounts = { unhandledRejections: 0, uncaughtExceptions: 0 };
  private readonly logger = new Logger(ProcessFaults.name);

  /**
   * Starts to listen.
   * @param stop stops the process gracefully; called at most once
   * @returns a function that stops listening
   */
  watch(stop: () => void): () => void {
    let isStopping = false;
    const rejected = (reason: unknown): void => {
      this.counts.unhandledRejections += 1;
      this.report('An unhandled rejection; the server continues', reason);
    };
    const thrown = (error: unknown): void => {
      this.counts.uncaughtExceptions += 1;
      const call = GuestCall.current;
      if (call) {
        this.report("An uncaught exception in a provider's package; its call fails, the server continues", error);
        call.fail(error);
        return;
      }
      this.report('An uncaught exception; the server stops gracefully', error);
      if (isStopping) return;
      isStopping = true;
      stop();
    };
    process.on('unhandledRejection', rejected);
    process.on('uncaughtException', thrown);
    return () => {
      process.off('unhandledRejection', rejected);
      process.off('uncaughtException', thrown);
    };
  }

  /** The message of a package's error is not logged, because it may quote the question or the key. */
  private report(msg: string, error: unknown): void {
    const call = GuestCall.current;
    if (!call) return this.logger.error({ msg, err: error });
    const { model, requestId, runId } = call;
    const frames = error instanceof Error ? (error.stack?.match(/^\s+at .+$/gm) ?? []).join('\n') : undefined;
    this.logger.error({ msg, model, requestId, runId, ...toModelError(error).details, frames });
  }
}
