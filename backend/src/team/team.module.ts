import { Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { UsersModule } from '../users/users.module.js';
import { AnnouncementsController } from './announcements/announcements.controller.js';
import { AnnouncementsGateway } from './announcements/announcements.gateway.js';
import { AnnouncementsService } from './announcements/announcements.service.js';
import { LogLevelController } from './log-level/log-level.controller.js';
import { LogLevelService } from './log-level/log-level.service.js';
import { ModelAccessService } from './models/model-access.service.js';
import { ModelsAdminController } from './models/models-admin.controller.js';
import { ModelsController } from './models/models.controller.js';
import { TeamStream } from './team-stream.js';

/** What admins decide for everybody. */
@Module({
  imports: [ModelsModule, UsersModule],
  controllers: [AnnouncementsController, LogLevelController, ModelsAdminController, ModelsController],
  providers: [AnnouncementsGateway, AnnouncementsService, LogLevelService, ModelAccessService, TeamStream],
  exports: [ModelAccessService],
})
export class TeamModule {}
