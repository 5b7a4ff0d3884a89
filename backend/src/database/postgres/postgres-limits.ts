/**
 * How long things may take on a connection to PostgreSQL, in milliseconds. The table in docs/operating.md says what a
 * person sees of each.
 */
export interface PostgresLimits {
  /** Making the connection, up to the first statement. */
  readonly connectMs: number;
  /** One statement, by PostgreSQL's clock: `statement_timeout`. */
  readonly statementMs: number;
  /** How long a statement may wait for the lock of another session: `lock_timeout`. Longer than `deadlock_timeout`. */
  readonly lockMs: number;
  /** How long PostgreSQL keeps a transaction whose process is silent, with its locks. */
  readonly idleInTransactionMs: number;
  /** How long the process waits for the answer to a statement before it gives up the connection. */
  readonly answerMs: number;
}

/**
 * Transactions and single statements of a server. A writer that hangs has to be given up early enough for another
 * connection to renew the leases of its runs, of which seven seconds are left at least (`RENEW_AFTER_MS`).
 */
export const SERVING: PostgresLimits = {
  connectMs: 5_000,
  statementMs: 4_000,
  lockMs: 2_000,
  idleInTransactionMs: 5_000,
  answerMs: 5_000,
};

/** Search, lists and exports of a large database: nothing waits for them but who asked. */
export const READING_ASIDE: PostgresLimits = { ...SERVING, statementMs: 15_000, answerMs: 16_000 };

/** Changes of the schema before a server starts, and waiting for another process that makes them. */
export const MIGRATING: PostgresLimits = {
  connectMs: 5_000,
  statementMs: 3_600_000,
  lockMs: 60_000,
  idleInTransactionMs: 3_600_000,
  answerMs: 3_660_000,
};

/** Waiting for a connection of the pool while all of them are in use. */
export const FREE_WITHIN_MS = 10_000;

/** Saying goodbye; the socket is closed then, whether or not it was answered. */
export const END_WITHIN_MS = 1_000;

/** A connection on which nothing happens is probed after so long, by both sides. */
export const KEEP_ALIVE_AFTER_MS = 10_000;

/** PostgreSQL ends a connection on which so long nothing of what it sent was received. */
const UNRECEIVED_MS = 15_000;
const PROBES_EVERY_S = 5;
const PROBES = 3;

/** What a connection is told when it is made. Not with its first message: a pooler may refuse what it does not know. */
export const settings = ({ statementMs, lockMs, idleInTransactionMs }: PostgresLimits): string =>
  [
    `set statement_timeout = ${statementMs}`,
    `set lock_timeout = ${lockMs}`,
    `set idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
    `set tcp_user_timeout = ${UNRECEIVED_MS}`,
    `set tcp_keepalives_idle = ${KEEP_ALIVE_AFTER_MS / 1000}`,
    `set tcp_keepalives_interval = ${PROBES_EVERY_S}`,
    `set tcp_keepalives_count = ${PROBES}`,
  ].join('; ');
