import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { BackupSchedule } from '../../database/scheduled/backup-schedule.js';
import type { MetricGroup, MetricSet } from './metric-set.js';

/** Backups on a schedule. Without one there are no values, so that an alert about their age cannot fire. */
@Injectable()
export class BackupMetrics implements MetricGroup {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly schedule: BackupSchedule,
  ) {}

  addTo(metrics: MetricSet): void {
    if (!this.config.backups) return;
    metrics.gauge(
      'lockstep_backup_last_success_timestamp_seconds',
      'When the last scheduled backup began, by any process; 0 before the first',
      async () => ((await this.schedule.status())?.lastAt ?? 0) / 1000,
    );
    metrics.countedElsewhere(
      'lockstep_backup_failures_total',
      'Scheduled backups that failed on this process',
      (counter) => counter.inc(this.schedule.failures),
    );
  }
}
