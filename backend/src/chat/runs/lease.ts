import { randomUUID } from 'node:crypto';
import type { Query, Steps } from '../../database/sql/statement.js';
import type { JournalGuard, JournalWriter, Lease } from '../../streams/journal/journal.js';
import { EXPIRED_RUNS, OTHERS_RUNS, RENEW_LEASES, RUNNING_AMONG } from './lease.statements.js';

/** A run whose lease has expired belongs to a process that died or sleeps. Well below the 20 s of `L8`. */
export const LEASE_MS = 10_000;

/** Leases are looked after this often when there is no token to write. */
export const HEARTBEAT_MS = 2_000;

/** A lease is renewed when it is so old. */
const RENEW_AFTER_MS = 3_000;

/** A process that lives has renewed a lease after so long that a step of the database's clock has made a wrong one. */
export const RENEWED_WITHIN_MS = HEARTBEAT_MS + 1_000;

/** Names this process in the runs that it owns. */
export const PROCESS_ID = randomUUID();

/** The right to write a run: good while the row still carries this fence. */
export interface Claim {
  readonly runId: string;
  readonly fence: number;
  /** What the journal calls the run. */
  readonly number: number;
}

/**
 * Returns those whose runs still run under their fence (`L7`). Leases are renewed when some seconds of them are gone:
 * a row written with each token would cost more than the token.
 *
 * One statement a commit: 0.3 us of CPU a token here and some 3 us in SQLite, with 200 answers at once.
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

/** None lasts longer than a whole one, unless the database's clock went back. */
const isFading = (leftMs: number): boolean => leftMs < LEASE_MS - RENEW_AFTER_MS || leftMs > LEASE_MS;

const renewalOf = (runIds: readonly string[]): Query | undefined =>
  runIds.length === 0 ? undefined : [RENEW_LEASES, [JSON.stringify(runIds), LEASE_MS]];

/** The journal asks the leases of runs who may write. */
export const LEASES: JournalGuard = {
  hold: holdLeases,
  renewal: (leases: readonly Lease[]) =>
    renewalOf(leases.filter(({ leftMs }) => isFading(leftMs)).map(({ runId }) => runId)),
};

/** Runs that no process writes any more. `ownedByOthers` takes all but this process's own, whatever their lease says. */
export const abandonedRuns = (ownedByOthers: boolean): Query =>
  ownedByOthers ? [OTHERS_RUNS, [PROCESS_ID]] : [EXPIRED_RUNS, [LEASE_MS]];
