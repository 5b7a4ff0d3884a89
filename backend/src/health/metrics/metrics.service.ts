import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { METRIC_GROUPS } from './metric-groups.js';
import { type MetricGroup, MetricSet } from './metric-set.js';

/** The metrics of this process. Without `METRICS_TOKEN` nothing is measured. */
@Injectable()
export class Metrics implements OnModuleInit, OnApplicationShutdown {
  private readonly set = new MetricSet();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(METRIC_GROUPS) private readonly groups: readonly MetricGroup[],
  ) {}

  /** Before the bootstrap, in which runs of a dead process are ended: they are counted. */
  onModuleInit(): void {
    if (this.config.metricsToken === undefined) return;
    for (const group of this.groups) group.addTo(this.set);
  }

  onApplicationShutdown(): void {
    this.set[Symbol.dispose]();
  }

  /** All metrics in the text format of Prometheus. */
  text(): Promise<string> {
    return this.set.registry.metrics();
  }
}
