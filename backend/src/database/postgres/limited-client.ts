import { Client, type ClientConfig } from 'pg';
import { END_WITHIN_MS, KEEP_ALIVE_AFTER_MS, type PostgresLimits, settings } from './postgres-limits.js';
import type { Silence } from './silence.js';

/** PostgreSQL did not answer a query in time. Whether it was executed is not known. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'ETIMEDOUT';

  constructor(withinMs: number) {
    super(`PostgreSQL did not answer within ${withinMs} ms: the connection was closed`);
  }
}

/**
 * A connection with a time limit for answers: after that its socket is destroyed, so that no pool uses it again, and
 * all its queries fail with `NoAnswer`. A socket may stay open without an answer for ever, and node-postgres' own
 * `query_timeout` does not close it: the next statement, even the rollback, would wait behind the one that hangs.
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
      // Pools make this property non-enumerable, so it is not in the copy above.
      password: config.password,
      connectionTimeoutMillis: limits.connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    });
    this.answerMs = limits.connectMs;
    const ask = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => this.awaitAnswer(ask(...args))) as Client['query'];
  }

  /** Sets the limits that PostgreSQL enforces. Must be called before other queries. */
  async setUp(): Promise<void> {
    await this.query(settings(this.limits));
    this.answerMs = this.limits.answerMs;
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    // PostgreSQL may never close the connection.
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
    // After a long pause of the process, timers run before sockets are read, and the answer may be there already: so
    // look once more. Otherwise a busy machine would close its connections, repeat all queries, and get even busier.
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
