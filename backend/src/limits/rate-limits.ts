import { Injectable } from '@nestjs/common';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { Database } from '../database/database.js';
import type { RunsStatements } from '../database/transactions/transaction.js';
import { ChatError } from '../protocol/index.js';
import { telemetry } from '../telemetry.js';
import { Counts } from './counts.js';
import { DatabaseLimiter, type WithinTransaction } from './database-limiter.js';
import type { Policy } from './policy.js';

/** What is left of a limit after an act. */
export interface Quota {
  readonly policy: Policy;
  /** The acts that are still allowed in the window. */
  readonly remaining: number;
  /** The milliseconds until the end of the window. */
  readonly msLeft: number;
  /** The acts of the window, with refused ones; 0 when it was refused without asking the database. */
  readonly acts: number;
  readonly isRefused: boolean;
}

/** The refusal of someone who has reached a limit. */
export class LimitReached extends ChatError {
  constructor({ sentence }: Policy, retryAfterMs: number) {
    super('rate_limited', sentence, { retryAfterMs });
  }
}

/** Limits how often something is done, on all processes together. */
@Injectable()
export class RateLimits {
  private readonly counts: Counts;
  private readonly limiters = new Map<Policy, DatabaseLimiter>();

  constructor(database: Database) {
    this.counts = new Counts(database);
  }

  /**
   * Counts an act of a user or address, refused ones too. While the database does not answer, this process counts in
   * memory, so that a limit neither refuses everything nor allows everything.
   */
  async take(policy: Policy, subject: string): Promise<Quota> {
    return this.consume(policy, subject, {});
  }

  /**
   * Counts an act in the transaction that carries it out: an act that fails does not count. Use the policy for nothing
   * else.
   * @throws LimitReached, and what the driver throws
   */
  async takeWithin(transaction: RunsStatements, policy: Policy, subject: string): Promise<void> {
    const { isRefused, msLeft } = await this.consume(policy, subject, { transaction });
    if (isRefused) throw new LimitReached(policy, msLeft);
  }

  /**
   * Refuses without asking the database when this process has refused within the window before.
   * @throws LimitReached
   */
  refuseBlocked(policy: Policy, subject: string): void {
    const ms = this.limiters.get(policy)?.blockedMs(subject) ?? 0;
    if (ms === 0) return;
    telemetry.limitReached.publish({ limit: policy.name });
    throw new LimitReached(policy, ms);
  }

  private async consume(policy: Policy, subject: string, options: Partial<WithinTransaction>): Promise<Quota> {
    try {
      return quotaOf(
        policy,
        await this.limiterOf(policy, 'transaction' in options).consume(subject, 1, options),
        false,
      );
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      telemetry.limitReached.publish({ limit: policy.name });
      return quotaOf(policy, error, true);
    }
  }

  private limiterOf(policy: Policy, isWithin: boolean): DatabaseLimiter {
    const limiter = this.limiters.get(policy) ?? new DatabaseLimiter(policy, this.counts, isWithin);
    this.limiters.set(policy, limiter);
    return limiter;
  }
}

const quotaOf = (policy: Policy, left: RateLimiterRes, isRefused: boolean): Quota => ({
  policy,
  remaining: left.remainingPoints,
  // The memory of a process uses the system clock, which may have been set.
  msLeft: Math.min(left.msBeforeNext, policy.seconds * 1_000),
  acts: left.consumedPoints,
  isRefused,
});
