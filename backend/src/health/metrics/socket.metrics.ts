import { Injectable } from '@nestjs/common';
import { commands } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';
import { Presence } from '../../users/presence/presence.js';
import { ANSWERS, toSeconds } from './buckets.js';
import type { MetricGroup, MetricSet } from './metric-set.js';

/** Sockets, their commands, and what they are sent. */
@Injectable()
export class SocketMetrics implements MetricGroup {
  constructor(private readonly presence: Presence) {}

  addTo(metrics: MetricSet): void {
    const { presence } = this;
    metrics.gauge('lockstep_sockets', 'Open sockets of this process', () => presence.counts().sockets);
    metrics.gauge('lockstep_connected_users', 'Users with a socket on this process', () => presence.counts().users);
    this.addCommands(metrics);
    this.addDelivery(metrics);
  }

  private addCommands(metrics: MetricSet): void {
    const durations = metrics.histogram(
      'lockstep_command_duration_seconds',
      'Commands of sockets, from their arrival to the answer',
      ANSWERS,
      'command',
      'result',
    );
    metrics.on(telemetry.commandAnswered, ({ command, result, durationMs }) => {
      const known = Object.hasOwn(commands, command) ? command : 'unknown';
      durations.observe({ command: known, result }, toSeconds(durationMs));
    });
  }

  private addDelivery(metrics: MetricSet): void {
    const lagging = metrics.counter(
      'lockstep_lagging_sockets_total',
      'Sockets that did not read fast enough: they got no more events until they read, or were closed',
    );
    metrics.on(telemetry.socketLagged, () => lagging.inc());
    const subscriptions = metrics.counter(
      'lockstep_resubscriptions_total',
      'Subscriptions of clients that had events before: they got the missing events, or a snapshot',
      'reason',
    );
    for (const reason of ['replay', 'snapshot']) subscriptions.inc({ reason }, 0);
    metrics.on(telemetry.resubscribed, ({ reason }) => subscriptions.inc({ reason }));
    const catchups = metrics.counter(
      'lockstep_bus_catchups_total',
      'Reads of events from the log that did not come from their process in time',
    );
    metrics.on(telemetry.caughtUp, () => catchups.inc());
  }
}
