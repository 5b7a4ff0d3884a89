import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { CallerWatch } from './caller-watch.js';
import { CompletionsService } from './completions.service.js';
import { ProgramsController } from './programs.controller.js';
import { ReplyFollower } from './reply-follower.js';
import { TeamModule } from '../team/team.module.js';

@Module({
  imports: [AuthModule, ChatModule, TeamModule],
  controllers: [ProgramsController],
  providers: [CallerWatch, CompletionsService, ReplyFollower],
})
export class ProgramsModule {}
