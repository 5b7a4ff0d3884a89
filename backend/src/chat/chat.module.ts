import { Module, type OnModuleInit } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { ModelsModule } from '../models/models.module.js';
import { conversationStream, parseStreamName } from '../protocol/index.js';
import { CompactorService } from '../streams/compaction/compactor.service.js';
import { UsersModule } from '../users/users.module.js';
import { ActivityController } from './activity/activity.controller.js';
import { ActivityGateway } from './activity/activity.gateway.js';
import { AdminStops } from './activity/admin-stops.service.js';
import { RetentionService } from './conversations/retention.service.js';
import { RunActivity } from './activity/run-activity.service.js';
import { BudgetReports } from './budgets/budget-reports.js';
import { BudgetsAdminController } from './budgets/budgets-admin.controller.js';
import { BudgetsController } from './budgets/budgets.controller.js';
import { BudgetsService } from './budgets/budgets.service.js';
import { RefusedStarts } from './budgets/refused-starts.js';
import { ChatController } from './chat.controller.js';
import { ChatGateway } from './chat.gateway.js';
import { ChatService } from './sending/chat.service.js';
import { ConversationStream } from './conversations/conversation-stream.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { ConversationsGateway } from './conversations/conversations.gateway.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { DeletionsService } from './conversations/deletions.service.js';
import { DispatchService } from './queue/dispatch.service.js';
import { DraftsService } from './drafts/drafts.service.js';
import { ExportService } from './conversations/export.service.js';
import { AccountDeletions } from './privacy/account-deletions.js';
import { PersonalExports } from './privacy/personal-exports.js';
import { PrivacyController } from './privacy/privacy.controller.js';
import { QueueService } from './queue/queue.service.js';
import { RatingsService } from './messages/ratings.service.js';
import { ReaperService } from './runs/reaper.service.js';
import { FIRST_OF_RUNNING } from './runs/running.statements.js';
import { RunsService } from './runs/runs.service.js';
import { ChatApiService } from './sending/chat-api.service.js';
import { TitlesService } from './titles/titles.service.js';
import { UnkeptRows } from './unkept/unkept-rows.js';
import { UnkeptRuns } from './unkept/unkept-runs.service.js';
import { AdminUsageController } from './usage/admin-usage.controller.js';
import { PersonCounts } from './usage/person-counts.js';
import { PersonCountsController } from './usage/person-counts.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { UserStream } from './conversations/user-stream.js';

@Module({
  imports: [LimitsModule, ModelsModule, AuthModule, UsersModule],
  controllers: [
    ActivityController,
    AdminUsageController,
    BudgetsAdminController,
    BudgetsController,
    ChatController,
    ConversationsController,
    PersonCountsController,
    PrivacyController,
    UsageController,
  ],
  providers: [
    AccountDeletions,
    ActivityGateway,
    AdminStops,
    BudgetReports,
    BudgetsService,
    ChatGateway,
    ChatService,
    ConversationStream,
    ConversationsGateway,
    ConversationsService,
    DeletionsService,
    DispatchService,
    DraftsService,
    ExportService,
    PersonalExports,
    PersonCounts,
    QueueService,
    RatingsService,
    ReaperService,
    RetentionService,
    RunActivity,
    RefusedStarts,
    RunsService,
    ChatApiService,
    TitlesService,
    UnkeptRows,
    UnkeptRuns,
    UserStream,
  ],
  exports: [ChatApiService, ChatService, DispatchService, RunsService, UnkeptRuns],
})
export class ChatModule implements OnModuleInit {
  constructor(private readonly compactor: CompactorService) {}

  /** Keeps the events of running runs: until a run ends, its text is only in the log. */
  onModuleInit(): void {
    this.compactor.addHold(async (transaction, streams) => {
      const ids = streams.map(parseStreamName).flatMap((name) => (name?.kind === 'conversation' ? [name.id] : []));
      const running = await transaction.all(FIRST_OF_RUNNING, [JSON.stringify(ids)]);
      return new Map(
        running.map((row) => [conversationStream(String(row['conversation_id'])), Number(row['first_seq'])]),
      );
    });
  }
}
