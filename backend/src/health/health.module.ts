import { Module } from '@nestjs/common';
import { ChatModule } from '../chat/chat.module.js';
import { UsersModule } from '../users/users.module.js';
import { DashboardController } from './dashboard.controller.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { MetaController } from './meta.controller.js';
import { ProcessFaults } from './process-faults.js';

@Module({
  imports: [ChatModule, UsersModule],
  providers: [ProcessFaults],
  controllers: [DashboardController, HealthController, MetaController, MetricsController],
})
export class HealthModule {}
