import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { MetricGroup, MetricSet } from './metric-set.js';

/** The database, as this process sees it. */
@Injectable()
export class DatabaseMetrics implements MetricGroup {
  constructor(private readonly database: Database) {}

  addTo(metrics: MetricSet): void {
    const { database } = this;
    metrics.gauge('lockstep_database_writable', 'Whether the database takes writes: 1 or 0', async () =>
      (await database.probe.isWritable()) ? 1 : 0,
    );
    if (database.kind !== 'sqlite') return;
    metrics.gauge(
      'lockstep_sqlite_log_bytes',
      "Length of SQLite's write-ahead log",
      async () => (await database.logLength()) ?? 0,
    );
  }
}
