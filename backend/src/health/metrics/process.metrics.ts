import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge } from 'prom-client';
import { LogOutput } from '../../common/log-output.js';
import { VERSION } from '../../version.js';
import { ProcessFaults } from '../process-faults.js';
import type { MetricGroup, MetricSet } from './metric-set.js';

/** The process itself. */
@Injectable()
export class ProcessMetrics implements MetricGroup {
  constructor(
    private readonly faults: ProcessFaults,
    private readonly output: LogOutput,
  ) {}

  addTo(metrics: MetricSet): void {
    const { faults, output } = this;
    const { registry } = metrics;
    // It measures the delay of the event loop, which wakes the process a hundred times a second.
    collectDefaultMetrics({ register: registry });
    new Gauge({
      name: 'lockstep_info',
      help: 'Always 1; the label has the version of the program',
      labelNames: ['version'],
      registers: [registry],
    }).set({ version: VERSION }, 1);
    metrics.countedElsewhere(
      'lockstep_faults_total',
      'Unhandled errors; an uncaught exception stops the server, except for one in the package of a provider',
      (counter) => {
        counter.inc({ kind: 'unhandled_rejection' }, faults.counts.unhandledRejections);
        counter.inc({ kind: 'uncaught_exception' }, faults.counts.uncaughtExceptions);
      },
      'kind',
    );
    metrics.countedElsewhere(
      'lockstep_log_lines_dropped_total',
      'Lines of the log that could not be written',
      (counter) => counter.inc(output.dropped),
    );
  }
}
