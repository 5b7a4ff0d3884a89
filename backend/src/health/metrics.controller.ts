import { timingSafeEqual } from 'node:crypto';
import { Controller, Get, Header, Headers, Inject } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import { RunsService } from '../chat/runs/runs.service.js';
import { UnkeptRuns } from '../chat/unkept/unkept-runs.service.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Database } from '../database/database.js';
import { LogOutput } from '../common/log-output.js';
import { ChatError } from '../protocol/index.js';
import { Presence } from '../users/presence/presence.js';
import { Answers } from '../common/handlers/answers.decorator.js';
import { Public } from '../common/handlers/roles.decorator.js';
import { ProcessFaults } from './process-faults.js';

const METRICS = { says: 'Metrics in the text format of Prometheus.', content: { 'text/plain': z.string() } };

/** Metrics of this process for Prometheus. Without the right token the route answers 404. */
@Public()
@Controller('metrics')
export class MetricsController {
  private readonly registry = new Registry();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    runs: RunsService,
    unkept: UnkeptRuns,
    presence: Presence,
    faults: ProcessFaults,
    database: Database,
    output: LogOutput,
  ) {
    // Only if they can be read: measuring the delay of the event loop wakes the process a hundred times a second.
    if (config.metricsToken !== undefined) collectDefaultMetrics({ register: this.registry });
    this.gauge('lockstep_active_runs', 'Answers that this process writes now', () => runs.active + unkept.active);
    this.gauge('lockstep_sockets', 'Open sockets of this process', () => presence.counts().sockets);
    this.gauge('lockstep_database_writable', 'Whether the database takes writes: 1 or 0', async () =>
      (await database.probe.writeRefusal()) === undefined ? 1 : 0,
    );
    if (database.kind === 'sqlite') {
      this.gauge(
        'lockstep_sqlite_log_bytes',
        "Length of SQLite's write-ahead log",
        async () => (await database.logLength()) ?? 0,
      );
    }
    this.faultCounter(faults);
    this.counter(
      'lockstep_log_lines_dropped_total',
      'Lines of the log that could not be written',
      () => output.dropped,
    );
    this.gauge('lockstep_connected_users', 'Users with a socket on this process', () => presence.counts().users);
  }

  @Get()
  @Answers('Get the metrics of this process', { 200: METRICS }, { refuses: ['not_found'], security: 'metricsToken' })
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  read(@Headers('authorization') authorization?: string): Promise<string> {
    const { metricsToken } = this.config;
    if (metricsToken === undefined || !isSame(authorization ?? '', `Bearer ${metricsToken}`)) {
      throw new ChatError('not_found', 'Cannot GET /metrics');
    }
    return this.registry.metrics();
  }

  private faultCounter({ counts }: ProcessFaults): void {
    const counter: Counter = new Counter({
      name: 'lockstep_faults_total',
      help: 'Unhandled errors; an uncaught exception stops the server, except for one in the package of a provider',
      labelNames: ['kind'],
      registers: [this.registry],
      collect: (): void => {
        counter.reset();
        counter.inc({ kind: 'unhandled_rejection' }, counts.unhandledRejections);
        counter.inc({ kind: 'uncaught_exception' }, counts.uncaughtExceptions);
      },
    });
  }

  private counter(name: string, help: string, read: () => number): void {
    const collect = (): void => {
      counter.reset();
      counter.inc(read());
    };
    const counter: Counter = new Counter({ name, help, registers: [this.registry], collect });
  }

  private gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const collect = async (): Promise<void> => gauge.set(await read());
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect });
  }
}

/** Compares texts of the same length in constant time. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
