import { Module } from '@nestjs/common';
import { ChatModule } from '../chat/chat.module.js';
import { UsersModule } from '../users/users.module.js';
import { DashboardController } from './dashboard.controller.js';
import { HealthController } from './health.controller.js';
import { METRIC_PROVIDERS } from './metrics/metric-groups.js';
import { Metrics } from './metrics/metrics.service.js';
import { MetricsController } from './metrics.controller.js';
import { MetaController } from './meta.controller.js';
import { ProcessFaults } from './process-faults.js';

@Module({
  imports: [ChatModule, UsersModule],
  providers: [...METRIC_PROVIDERS, Metrics, ProcessFaults],
  controllers: [DashboardController, HealthController, MetaController, MetricsController],
})
export class HealthModule {}
