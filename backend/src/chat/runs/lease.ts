import { randomUUID } from 'node:crypto';
import type { Query, Steps } from '../../database/sql/statement.js';
import type { JournalGuard, JournalWriter, Lease } from '../../streams/journal/journal.js';
import { EXPIRED_RUNS, OTHERS_RUNS, RENEW_LEASES, RUNNING_AMONG } from './lease.statements.js';

/**
 * The duration of a lease. A run with an expired lease belongs to a dead or suspended process. Well below `L8`'s 20 s.
 */
export const LEASE_MS = 10_000;

/** How often leases are checked when there is no token to write. */
export const HEARTBEAT_MS = 2_000;

/** The age at which a lease is renewed. */
const RENEW_AFTER_MS = 3_000;

/** The time in which a living process renews a lease that a step of the database's clock has made wrong. */
export const RENEWED_WITHIN_MS = HEARTBEAT_MS + 1_000;

/** Identifies this process as the owner of its runs. */
export const PROCESS_ID = randomUUID();

/** The right to write a run, valid while its row has this fence. */
export interface Claim {
  readonly runId: string;
  readonly fence: number;
  /** The number of the run in the journal. */
  readonly number: number;
}

/**
 * Returns the writers whose runs are still running under their fence (`L7`), and renews leases that are some seconds
 * old: updating the row with each token would cost more than the token.
 *
 * One statement per commit: 0.3 us of CPU per token here and some 3 us in SQLite, with 200 replies at once.
 */
function* holdLeases<Holder extends JournalWriter>(holders: readonly Holder[]): Steps<ReadonlySet<Holder>> {
  if (holders.length === 0) return new Set();
  const rows = yield [RUNNING_AMONG, [JSON.stringify(holders.map(({ claim }) => claim.runId))]];
  const running = new Map(rows.map((row) => [row['id'], row]));
  const owned = new Set<Holder>();
  const fading: string[] = [];
  for (const holder of holders) {
    const { runId, fence } = holder.claim;
    const row = running.get(runId);
    if (!row || Number(row['fence']) !== fence) continue;
    owned.add(holder);
    if (isFading(Number(row['left_ms']))) fading.push(runId);
  }
  const renewal = renewalOf(fading);
  if (renewal) yield renewal;
  return owned;
}

/**
 * Whether a lease must be renewed. More than the full duration is left only after the database's clock was set back.
 */
const isFading = (leftMs: number): boolean => leftMs < LEASE_MS - RENEW_AFTER_MS || leftMs > LEASE_MS;

const renewalOf = (runIds: readonly string[]): Query | undefined =>
  runIds.length === 0 ? undefined : [RENEW_LEASES, [JSON.stringify(runIds), LEASE_MS]];

/** The guard that the journal uses: a run may be written by the owner of its lease. */
export const LEASES: JournalGuard = {
  hold: holdLeases,
  renewal: (leases: readonly Lease[]) =>
    renewalOf(leases.filter(({ leftMs }) => isFading(leftMs)).map(({ runId }) => runId)),
};

/** Runs that no process writes any more; with `ownedByOthers` all runs of other processes, whatever their leases. */
export const abandonedRuns = (ownedByOthers: boolean): Query =>
  ownedByOthers ? [OTHERS_RUNS, [PROCESS_ID]] : [EXPIRED_RUNS, [LEASE_MS]];
