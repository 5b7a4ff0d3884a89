/**
 * Time limits of a connection to PostgreSQL, in milliseconds. The table in docs/operating.md describes what users see
 * when each is reached.
 */
export interface PostgresLimits {
  /** Connecting, up to the first statement. */
  readonly connectMs: number;
  /** One statement, by PostgreSQL's clock: `statement_timeout`. */
  readonly statementMs: number;
  /** How long a statement may wait for the lock of another session: `lock_timeout`. Longer than `deadlock_timeout`. */
  readonly lockMs: number;
  /** How long PostgreSQL keeps an idle transaction with its locks: `idle_in_transaction_session_timeout`. */
  readonly idleInTransactionMs: number;
  /** How long the process waits for the answer to a statement before it closes the connection. */
  readonly answerMs: number;
}

/**
 * Limits for transactions and single statements of a server. A connection that hangs must be closed early enough for
 * another one to renew the leases of runs, of which at least seven seconds are left (`RENEW_AFTER_MS`).
 */
export const SERVING: PostgresLimits = {
  connectMs: 5_000,
  statementMs: 4_000,
  lockMs: 2_000,
  idleInTransactionMs: 5_000,
  answerMs: 5_000,
};

/** Limits for searches, lists and exports in a large database, for which only their client waits. */
export const READING_ASIDE: PostgresLimits = { ...SERVING, statementMs: 15_000, answerMs: 16_000 };

/** Limits for migrations, and for waiting until another process has migrated. */
export const MIGRATING: PostgresLimits = {
  connectMs: 5_000,
  statementMs: 3_600_000,
  lockMs: 60_000,
  idleInTransactionMs: 3_600_000,
  answerMs: 3_660_000,
};

/** How long to wait for a free connection of the pool. */
export const FREE_WITHIN_MS = 10_000;

/** How long to wait for PostgreSQL to close a connection before its socket is destroyed. */
export const END_WITHIN_MS = 1_000;

/** The idle time after which both sides send TCP keep-alive probes. */
export const KEEP_ALIVE_AFTER_MS = 10_000;

/** PostgreSQL closes a connection when data that it sent are not acknowledged for this time. */
const UNRECEIVED_MS = 15_000;
const PROBES_EVERY_S = 5;
const PROBES = 3;

/** The settings of a new connection. They are not startup parameters, because poolers refuse unknown ones. */
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
