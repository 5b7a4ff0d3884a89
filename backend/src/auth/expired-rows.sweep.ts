import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import { LoginCodes } from './sign-in/login-codes.js';
import { Sessions } from './sessions/sessions.js';
import { PersonalTokens } from './tokens/personal-tokens.js';
import { UsedStates } from './sign-in/used-states.js';

const EVERY_MS = 10 * 60_000;

/** Removes expired rows, to save space only: every read ignores expired rows anyway. */
@Injectable()
export class ExpiredRowsSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ExpiredRowsSweep.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly codes: LoginCodes,
    private readonly states: UsedStates,
    private readonly sessions: Sessions,
    private readonly tokens: PersonalTokens,
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
      for (const table of [this.codes, this.states, this.sessions, this.tokens]) await table.sweep(now);
    } catch (error) {
      this.logger.warn('Expired rows could not be removed; the next round tries again', error);
    }
  }
}
