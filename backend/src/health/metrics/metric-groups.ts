import type { Provider } from '@nestjs/common';
import { BackupMetrics } from './backup.metrics.js';
import { DatabaseMetrics } from './database.metrics.js';
import { HttpMetrics } from './http.metrics.js';
import { LogMetrics } from './log.metrics.js';
import { MessageMetrics } from './message.metrics.js';
import type { MetricGroup } from './metric-set.js';
import { ProcessMetrics } from './process.metrics.js';
import { RunMetrics } from './run.metrics.js';
import { SocketMetrics } from './socket.metrics.js';

/** Injects all groups of metrics. */
export const METRIC_GROUPS = Symbol('metric groups');

const GROUPS = [
  BackupMetrics,
  DatabaseMetrics,
  HttpMetrics,
  LogMetrics,
  MessageMetrics,
  ProcessMetrics,
  RunMetrics,
  SocketMetrics,
];

export const METRIC_PROVIDERS: Provider[] = [
  ...GROUPS,
  { provide: METRIC_GROUPS, useFactory: (...groups: MetricGroup[]) => groups, inject: GROUPS },
];
