import { Inject, Injectable } from '@nestjs/common';
import type { InferKyselyDB } from '@mikro-orm/sql';
import { dateOf } from '../../clock.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database, type EntityManager } from '../../database/database.js';
import type { PersonCounts as Counts } from '../../protocol/http/index.js';
import { addUsage, ChatError, NO_USAGE } from '../../protocol/index.js';
import { User } from '../../users/user.entity.js';
import { BudgetReports } from '../budgets/budget-reports.js';
import { Conversation, type ConversationSchema } from '../conversations/conversation.entity.js';
import type { MessageSchema } from '../messages/message.entity.js';
import { readUsage } from './usage-report.js';

type Tables = InferKyselyDB<typeof MessageSchema> & InferKyselyDB<typeof ConversationSchema>;

/** How much one user has written and used, for admins. */
@Injectable()
export class PersonCounts {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly budgets: BudgetReports,
  ) {}

  /** @throws ChatError `not_found` */
  async read(userId: string): Promise<Counts> {
    const now = this.database.clock.now();
    const counts = await this.database.readAside(
      async (em) => {
        if ((await em.count(User, { id: userId, deletingSince: null })) === 0) return undefined;
        const thisMonth = { days: dateOf(now).getUTCDate(), utcOffsetMinutes: 0 };
        const days = await readUsage(em, userId, thisMonth, now);
        const { estimated: _estimated, ...month } = days.reduce(addUsage, NO_USAGE);
        return {
          conversations: await em.count(Conversation, { userId, deletedAt: null }),
          messages: await countMessages(em, userId),
          month,
        };
      },
      { isLong: true },
    );
    if (!counts) throw new ChatError('not_found', 'There is no such user.');
    return { ...counts, currency: this.config.models.currency, budget: await this.budgets.standingOf(userId) };
  }
}

async function countMessages(em: EntityManager, userId: string): Promise<number> {
  const row = await em
    .getKysely<Tables>()
    .selectFrom('conversation_history as message')
    .innerJoin('conversations as conversation', 'conversation.id', 'message.conversation_id')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('conversation.user_id', '=', userId)
    .where('conversation.deleted_at', 'is', null)
    .where('message.role', '=', 'user')
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
