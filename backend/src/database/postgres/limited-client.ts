import { Client, type ClientConfig } from 'pg';
import { END_WITHIN_MS, KEEP_ALIVE_AFTER_MS, type PostgresLimits, settings } from './postgres-limits.js';
import type { Silence } from './silence.js';

/** PostgreSQL was asked something and did not answer. Whether it has done what it was asked is not known. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'ETIMEDOUT';

  constructor(withinMs: number) {
    super(`PostgreSQL did not answer within ${withinMs} ms: the connection was given up`);
  }
}

/**
 * A connection that is given up when it is silent: its socket is destroyed, so that no pool hands it out again, and
 * whatever was asked on it fails with `NoAnswer`. A socket may be open and silent for ever, and node-postgres' own
 * `query_timeout` leaves it as it is: the next statement, if only the rollback, would wait behind the one that hangs.
 */
export class LimitedClient extends Client {
  private answerMs: number;

  constructor(
    config: ClientConfig,
    private readonly limits: PostgresLimits,
    private readonly silence?: Silence,
  ) {
    super({
      ...config,
      // A pool hides it from copies.
      password: config.password,
      connectionTimeoutMillis: limits.connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    });
    this.answerMs = limits.connectMs;
    const ask = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => this.awaitAnswer(ask(...args))) as Client['query'];
  }

  /** Tells PostgreSQL its part of the limits. To be called before anything else is asked. */
  async setUp(): Promise<void> {
    await this.query(settings(this.limits));
    this.answerMs = this.limits.answerMs;
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    // The other side may never say goodbye.
    setTimeout(() => this.connection.stream.destroy(), END_WITHIN_MS).unref();
    if (!callback) return super.end();
    super.end(callback);
    return undefined;
  }

  private awaitAnswer(asked: unknown): unknown {
    // Cursors and callbacks are not used here.
    if (!(asked instanceof Promise)) return asked;
    const answered = this.silence?.begin();
    const { answerMs } = this;
    let lastLook: NodeJS.Immediate | undefined;
    const giveUp = (): void => void this.connection.stream.destroy(new NoAnswer(answerMs));
    // A process that did not run for so long finds its timers due before it has read its sockets: the answer may be
    // there. Were the connections of a busy machine given up for it, all would be asked again, and it would be busier.
    const timer = setTimeout(() => (lastLook = setImmediate(giveUp)), answerMs);
    const settled = (): void => {
      clearTimeout(timer);
      clearImmediate(lastLook);
      answered?.();
    };
    asked.then(settled, settled);
    return asked;
  }
}
