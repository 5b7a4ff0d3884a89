import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../database/clock.js';

const EVERY_MS = 10 * 60_000;

/** Something with rows that expire. */
export interface Swept {
  /** Removes the rows that are not needed any more, in short transactions; `now` is in milliseconds since 1970. */
  sweep(now: number): Promise<void>;
}

/** The injected list of everything that is swept. */
export const SWEPT = Symbol('SWEPT');

/** Removes expired rows, to save space only: every read ignores expired rows anyway. */
@Injectable()
export class ExpiredRowsSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ExpiredRowsSweep.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SWEPT) private readonly tables: readonly Swept[],
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(this.clock.now()), EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async run(now: number): Promise<void> {
    try {
      for (const table of this.tables) await table.sweep(now);
    } catch (error) {
      this.logger.warn('Expired rows could not be removed; the next round tries again', error);
    }
  }
}
