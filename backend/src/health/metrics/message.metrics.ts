import { Injectable } from '@nestjs/common';
import { telemetry } from '../../telemetry.js';
import type { MetricGroup, MetricSet } from './metric-set.js';

/** Messages, and what refuses them. */
@Injectable()
export class MessageMetrics implements MetricGroup {
  addTo(metrics: MetricSet): void {
    const sent = metrics.counter(
      'lockstep_messages_sent_total',
      'Commands that ask for a reply in a conversation: messages, edited ones, and replies that are written again or continued',
      'result',
    );
    for (const result of ['accepted', 'repeated', 'refused']) sent.inc({ result }, 0);
    metrics.on(telemetry.messageSent, ({ result }) => sent.inc({ result }));

    const budgets = metrics.counter(
      'lockstep_budget_refusals_total',
      'Runs that were refused because the budget of their user is used up',
      'period',
    );
    for (const period of ['day', 'month']) budgets.inc({ period }, 0);
    metrics.on(telemetry.budgetRefused, ({ period }) => budgets.inc({ period }));

    const limits = metrics.counter(
      'lockstep_rate_limit_refusals_total',
      'Acts that were refused because there were too many within a time',
      'limit',
    );
    metrics.on(telemetry.limitReached, ({ limit }) => limits.inc({ limit }));
  }
}
