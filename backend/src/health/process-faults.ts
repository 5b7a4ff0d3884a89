import { Injectable, Logger } from '@nestjs/common';
import { toModelError } from '../models/failures/provider-failure.js';
import { GuestCall } from '../models/providers/guest-call.js';

/** Errors that nobody waited for, since the start of the process. */
export interface FaultCounts {
  unhandledRejections: number;
  uncaughtExceptions: number;
}

/**
 * Takes what would otherwise end the process at once, with all replies in it.
 *
 * - **A promise that failed for nobody**: the server goes on. Whoever waited for something was told, nothing was left half
 *   done in the middle of a turn, and what was to be committed is committed by others.
 * - **An error in code that the package of a provider runs**: the server goes on. The call fails, and with it the run
 *   that it belongs to; the package shares nothing with the rest.
 * - **Any other error that nobody caught**: somebody's turn was left in the middle, and what it was about to change is in
 *   doubt. The server takes on nothing new, lets replies end and stops, so that whoever watches it starts it anew.
 */
@Injectable()
export class ProcessFaults {
  readonly counts: FaultCounts = { unhandledRejections: 0, uncaughtExceptions: 0 };
  private readonly logger = new Logger(ProcessFaults.name);

  /**
   * Listens from now on.
   * @param stop ends the process in order; called at most once
   * @returns a function that ends it
   */
  watch(stop: () => void): () => void {
    let isStopping = false;
    const rejected = (reason: unknown): void => {
      this.counts.unhandledRejections += 1;
      this.report('A promise failed for nobody; the server goes on', reason);
    };
    const thrown = (error: unknown): void => {
      this.counts.uncaughtExceptions += 1;
      const call = GuestCall.current;
      if (call) {
        this.report("An error in a provider's package; its call fails, the server goes on", error);
        call.fail(error);
        return;
      }
      this.report('An error that nobody caught; the server stops in order', error);
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

  /** Of a package's error no sentence is written: it may quote the question or the key. */
  private report(msg: string, error: unknown): void {
    const call = GuestCall.current;
    if (!call) return this.logger.error({ msg, err: error });
    const { model, requestId, runId } = call;
    const frames = error instanceof Error ? (error.stack?.match(/^\s+at .+$/gm) ?? []).join('\n') : undefined;
    this.logger.error({ msg, model, requestId, runId, ...toModelError(error).details, frames });
  }
}
