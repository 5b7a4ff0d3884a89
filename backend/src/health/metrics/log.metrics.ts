import { Injectable } from '@nestjs/common';
import { RunsService } from '../../chat/runs/runs.service.js';
import { telemetry } from '../../telemetry.js';
import { DELTAS, toSeconds, WITHIN_PROCESS } from './buckets.js';
import type { MetricGroup, MetricSet } from './metric-set.js';

/** The event log: commits of text, and transactions of commands. */
@Injectable()
export class LogMetrics implements MetricGroup {
  constructor(private readonly runs: RunsService) {}

  addTo(metrics: MetricSet): void {
    const { runs } = this;
    const durations = metrics.histogram(
      'lockstep_commit_duration_seconds',
      'Commits of the text of all replies that this process writes, only those that succeeded',
      WITHIN_PROCESS,
    );
    const sizes = metrics.histogram(
      'lockstep_commit_events',
      'Replies with new text in one commit; 0 if it only renewed leases',
      DELTAS,
    );
    metrics.on(telemetry.deltasCommitted, ({ durationMs, deltas }) => {
      durations.observe(toSeconds(durationMs));
      sizes.observe(deltas);
    });
    metrics.gauge(
      'lockstep_commit_queue_depth',
      'Replies whose text or lease waits for the next commit',
      () => runs.waitingForCommit,
    );
    const transactions = metrics.histogram(
      'lockstep_transaction_duration_seconds',
      'Transactions of the log other than commits of text, with their wait for the database and their repetitions',
      WITHIN_PROCESS,
    );
    metrics.on(telemetry.transactionEnded, ({ durationMs }) => transactions.observe(toSeconds(durationMs)));
  }
}
