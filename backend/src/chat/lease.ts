import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { type EntityManager, isPostgres } from '../database/database.js';

/** A run whose lease has expired belongs to a process that died or sleeps. Well below the 20 s of `L8`. */
export const LEASE_MS = 10_000;

/** Leases are renewed this often when there is no token to write. */
export const HEARTBEAT_MS = 2_000;

/** Names this process in the runs that it owns. */
export const PROCESS_ID = randomUUID();

/** The right to write a run: good while the row still carries this fence. */
export interface Claim {
  readonly runId: string;
  readonly fence: number;
}

interface Tables {
  runs: { id: string; fence: number; status: string; owner_id: string; lease_until: number };
}

/** Milliseconds since 1970 by the database's clock: the processes' own clocks may differ. */
const databaseNow = (em: EntityManager): RawBuilder<number> =>
  isPostgres(em)
    ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;

/** The same, as a number. */
export async function readDatabaseNow(em: EntityManager): Promise<number> {
  const { rows } = await sql<{ now: number }>`select ${databaseNow(em)} as now`.execute(em.getKysely());
  return Number(rows[0]?.now);
}

/** Renews the leases of runs that still run under their fence, and returns the ids of those runs (`L7`). */
export async function renewLeases(em: EntityManager, claims: readonly Claim[]): Promise<ReadonlySet<string>> {
  if (claims.length === 0) return new Set();
  const rows = await em
    .getKysely<Tables>()
    .updateTable('runs')
    .set({ lease_until: sql<number>`${databaseNow(em)} + ${sql.lit(LEASE_MS)}` })
    .where('status', '=', 'running')
    .where((where) => where.or(claims.map(({ runId, fence }) => where.and({ id: runId, fence }))))
    .returning('id')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Runs that nobody writes any more. `ownedByOthers` takes all but this process's own, whatever their lease says. */
export async function findAbandoned(em: EntityManager, ownedByOthers: boolean): Promise<string[]> {
  const running = em.getKysely<Tables>().selectFrom('runs').select('id').where('status', '=', 'running');
  const rows = await (
    ownedByOthers ? running.where('owner_id', '!=', PROCESS_ID) : running.where('lease_until', '<', databaseNow(em))
  ).execute();
  return rows.map(({ id }) => id);
}
