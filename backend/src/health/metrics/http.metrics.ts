import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Request } from 'express';
import { ANSWERS, toSeconds } from './buckets.js';
import { routeLabel } from './labels/route-label.js';
import type { MetricGroup, MetricSet } from './metric-set.js';

/** Node's channel, which reports each request before the server handles it; upgrades to WebSockets are not reported. */
const STARTED = 'http.server.request.start';

/** A message of that channel. Express has made its own request of Node's when the answer ends. */
interface Started {
  readonly request: Request;
  readonly response: ServerResponse;
  readonly server: Server;
}

/** Requests over HTTP. */
@Injectable()
export class HttpMetrics implements MetricGroup {
  constructor(private readonly host: HttpAdapterHost) {}

  addTo(metrics: MetricSet): void {
    const own: unknown = this.host.httpAdapter.getHttpServer();
    const durations = metrics.histogram(
      'lockstep_http_request_duration_seconds',
      'HTTP requests, from their first line to the end of the answer',
      ANSWERS,
      'method',
      'route',
      'status',
    );
    const onStarted = (message: unknown): void => {
      const { request, response, server } = message as Started;
      if (server !== own) return;
      const startedAt = performance.now();
      response.once('close', () => {
        durations.observe(routeLabel(request, response), toSeconds(performance.now() - startedAt));
      });
    };
    subscribe(STARTED, onStarted);
    metrics.onEnd(() => unsubscribe(STARTED, onStarted));
  }
}
