import { Inject, Injectable } from '@nestjs/common';
import { RunsService } from '../../chat/runs/runs.service.js';
import { UnkeptRuns } from '../../chat/unkept/unkept-runs.service.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { finalStatus } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';
import { MODELS, toSeconds, WITHIN_PROCESS } from './buckets.js';
import type { MetricGroup, MetricSet } from './metric-set.js';
import { modelLabel } from './labels/model-label.js';

/** Replies, and the models that write them. */
@Injectable()
export class RunMetrics implements MetricGroup {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly runs: RunsService,
    private readonly unkept: UnkeptRuns,
  ) {}

  addTo(metrics: MetricSet): void {
    const { runs, unkept } = this;
    metrics.gauge('lockstep_active_runs', 'Replies that this process writes now', () => runs.active + unkept.active);
    this.addTimes(metrics);
    this.addEnds(metrics);
  }

  private addTimes(metrics: MetricSet): void {
    const labelOf = modelLabel(this.config.models.allowed);
    const first = metrics.histogram(
      'lockstep_time_to_first_token_seconds',
      'From the beginning of a run, when its message is acknowledged, to the first text of the model',
      MODELS,
      'model',
    );
    for (const model of this.config.models.allowed) first.zero({ model });
    metrics.on(telemetry.firstText, ({ model, delayMs }) =>
      first.observe({ model: labelOf(model) }, toSeconds(delayMs)),
    );
    const added = metrics.histogram(
      'lockstep_token_delay_seconds',
      'From the arrival of text from the model until it is written to the sockets of this process',
      WITHIN_PROCESS,
    );
    metrics.on(telemetry.textSent, ({ delayMs }) => added.observe(toSeconds(delayMs)));
  }

  private addEnds(metrics: MetricSet): void {
    const { allowed } = this.config.models;
    const labelOf = modelLabel(allowed);
    const ended = metrics.counter('lockstep_runs_ended_total', 'Runs whose end this process stored', 'end', 'model');
    for (const model of allowed) for (const end of finalStatus.options) ended.inc({ end, model }, 0);
    metrics.on(telemetry.runEnded, ({ end, model }) => ended.inc({ end, model: labelOf(model) }));
    const errors = metrics.counter(
      'lockstep_model_errors_total',
      'Failed requests to models, also those that were repeated',
      'kind',
      'model',
    );
    metrics.on(telemetry.modelFailed, ({ kind, model }) => errors.inc({ kind, model: labelOf(model) }));
  }
}
