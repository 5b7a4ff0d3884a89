import { Module, type OnModuleInit } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { parseStreamName } from '../protocol/index.js';
import { CompactorService } from '../streams/compactor.service.js';
import { ChatController } from './chat.controller.js';
import { ChatGateway } from './chat.gateway.js';
import { ChatService } from './chat.service.js';
import { ConversationStream } from './conversation-stream.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsGateway } from './conversations.gateway.js';
import { ConversationsService } from './conversations.service.js';
import { DeletionsService } from './deletions.service.js';
import { DispatchService } from './dispatch.service.js';
import { DraftsService } from './drafts.service.js';
import { ExportService } from './export.service.js';
import { QueueService } from './queue.service.js';
import { RatingsService } from './ratings.service.js';
import { ReaperService } from './reaper.service.js';
import { Run } from './run.entity.js';
import { RunsService } from './runs.service.js';
import { ScriptsService } from './scripts.service.js';
import { TitlesService } from './titles.service.js';
import { UsageController } from './usage.controller.js';
import { UserStream } from './user-stream.js';

@Module({
  imports: [ModelsModule],
  controllers: [ChatController, ConversationsController, UsageController],
  providers: [
    ChatGateway,
    ChatService,
    ConversationStream,
    ConversationsGateway,
    ConversationsService,
    DeletionsService,
    DispatchService,
    DraftsService,
    ExportService,
    QueueService,
    RatingsService,
    ReaperService,
    RunsService,
    ScriptsService,
    TitlesService,
    UserStream,
  ],
  exports: [DispatchService, RunsService],
})
export class ChatModule implements OnModuleInit {
  constructor(private readonly compactor: CompactorService) {}

  /** The text of a run stands in the log alone until it ends. */
  onModuleInit(): void {
    this.compactor.addHold(async (em, stream) => {
      const name = parseStreamName(stream);
      if (name?.kind !== 'conversation') return undefined;
      const [run] = await em.find(
        Run,
        { conversationId: name.id, status: 'running' },
        { orderBy: { firstSeq: 'asc' }, limit: 1 },
      );
      return run?.firstSeq;
    });
  }
}
