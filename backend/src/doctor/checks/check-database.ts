import type { Config } from '../../config/config.js';
import { DatabaseRefused } from '../../database/database-refused.js';
import { refusing } from '../../database/open-failure.js';
import { type DatabaseFacts, lookAtDatabase } from '../../database/probes/look-at-database.js';
import { type Check, type Found, note, ok, problem } from '../findings.js';
import { judgeClock } from './check-clock.js';

const MEGABYTE = 1024 * 1024;

/**
 * The database: whether it answers and can be written, and whether its tables are those of this version.
 * @param known the names of the migrations of this version
 */
export const checkDatabase = ({ database }: Config, known: readonly string[]): Check => ({
  area: 'database',
  limitMs: 12_000,
  run: async () => {
    try {
      const facts = await refusing(database, () => lookAtDatabase(database));
      if (facts) return [...view(facts), ...migrations(facts.migrations, known)];
      return [note('database_new', { path: database.kind === 'sqlite' ? database.path : '' })];
    } catch (error) {
      if (error instanceof DatabaseRefused) return [problem('database_unusable', { reason: error.message })];
      throw error;
    }
  },
});

function view({ kind, version, encoding, bytes, events, aheadMs }: DatabaseFacts): Found[] {
  const size = Math.ceil(bytes / MEGABYTE);
  return [
    /^UTF-?8$/i.test(encoding)
      ? ok('database_ok', { kind, version, encoding, size, events })
      : problem('database_encoding', { encoding }),
    ...(aheadMs === undefined ? [] : [judgeClock(kind, aheadMs)]),
  ];
}

function migrations(executed: readonly string[], known: readonly string[]): Found[] {
  const newer = executed.filter((name) => !known.includes(name));
  if (newer.length > 0) return [problem('migrations_newer', { names: newer.join(', ') })];
  const count = known.filter((name) => !executed.includes(name)).length;
  return [count > 0 ? note('migrations_pending', { count }) : ok('migrations_ok', { count: known.length })];
}
