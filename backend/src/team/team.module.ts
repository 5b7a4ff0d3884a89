import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { AnnouncementsController } from './announcements/announcements.controller.js';
import { AnnouncementsGateway } from './announcements/announcements.gateway.js';
import { AnnouncementsService } from './announcements/announcements.service.js';
import { TeamStream } from './team-stream.js';

/** What admins decide for everybody. */
@Module({
  imports: [UsersModule],
  controllers: [AnnouncementsController],
  providers: [AnnouncementsGateway, AnnouncementsService, TeamStream],
})
export class TeamModule {}
