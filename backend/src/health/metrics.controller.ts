import { timingSafeEqual } from 'node:crypto';
import { Controller, Get, Header, Headers, Inject } from '@nestjs/common';
import { z } from 'zod';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ChatError } from '../protocol/index.js';
import { Answers } from '../common/handlers/answers.decorator.js';
import { Public } from '../common/handlers/roles.decorator.js';
import { Metrics } from './metrics/metrics.service.js';

const METRICS = { says: 'Metrics in the text format of Prometheus.', content: { 'text/plain': z.string() } };

/** Metrics of this process for Prometheus. Without the right token the route answers 404. */
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  @Answers('Get the metrics of this process', { 200: METRICS }, { refuses: ['not_found'], security: 'metricsToken' })
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  read(@Headers('authorization') authorization?: string): Promise<string> {
    const { metricsToken } = this.config;
    if (metricsToken === undefined || !isSame(authorization ?? '', `Bearer ${metricsToken}`)) {
      throw new ChatError('not_found', 'Cannot GET /metrics');
    }
    return this.metrics.text();
  }
}

/** Compares texts of the same length in constant time. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
