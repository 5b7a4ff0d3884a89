import pg from 'pg';
import { createTestDatabase } from '../../../backend/test/support/test-database.ts';
import { runAnswers } from '../load/answers.ts';
import { quantile } from '../report/figures.ts';
import { LockstepSystem } from '../systems/lockstep-system.ts';
import { partOf } from './part.ts';
import type { Row } from '../report/rows.ts';

export const POSTGRES = process.env['TEST_DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/test';
const ANSWERS = { answers: 10, rate: 20, seconds: 8 };

const p50: Row = {
  key: 'other-process-p50',
  title: 'PostgreSQL: a token for a tab on another process, p50',
  unit: 'ms',
};
const p99: Row = { key: 'other-process-p99', title: 'the same, p99', unit: 'ms' };

/** Whether a PostgreSQL answers. */
export async function hasPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: POSTGRES, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Two processes on one database: a tab on one follows a reply that the other writes. */
export const otherProcessPart = partOf({
  systems: ['lockstep'],
  async start(_, { children, modelPort }) {
    const database = await createTestDatabase(POSTGRES);
    return LockstepSystem.start(children, { database, modelPort, processes: 2 });
  },
  steps: [
    {
      rows: [p50, p99],
      async measure(system) {
        await runAnswers(system, { answers: 10, rate: 50, seconds: 3, elsewhere: true });
        const { latencies, errors, problem } = await runAnswers(system, { ...ANSWERS, elsewhere: true });
        return {
          values: { [p50.key]: quantile(latencies, 0.5), [p99.key]: quantile(latencies, 0.99) },
          errors,
          problem,
        };
      },
    },
  ],
});
