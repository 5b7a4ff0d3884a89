import { LockMode } from '@mikro-orm/core';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Sessions } from '../../auth/sessions/sessions.js';
import { Database } from '../../database/database.js';
import { ADMIN_STREAM, ChatError, userStream } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { recordAct } from '../../users/admin/audit.js';
import { User } from '../../users/user.entity.js';
import { isLastAdmin } from '../../users/admin/last-admin.js';
import { Conversation } from '../conversations/conversation.entity.js';
import { DeletionsService } from '../conversations/deletions.service.js';
import { REMOVE_SOON } from '../conversations/purge.statements.js';

const RESUME_EVERY_MS = 60_000;
const AT_A_TIME = 100;

/** A deletion that is asked for: by the user, who confirms it with the e-mail of the account, or by an admin. */
export interface DeletionRequest {
  readonly userId: string;
  readonly actorId: string;
  readonly email?: string;
}

/**
 * Deletes accounts in two steps. One transaction ends all sessions and hides the account, so nothing more can be done
 * with it. Then its conversations are removed, in short transactions because they may be long, and the account last. A
 * deletion that is interrupted after the first step is finished later.
 */
@Injectable()
export class AccountDeletions implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(AccountDeletions.name);
  private timer: NodeJS.Timeout | undefined;
  private resuming: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly sessions: Sessions,
    private readonly conversations: DeletionsService,
  ) {}

  onApplicationBootstrap(): void {
    const resume = (): void => {
      this.resuming ??= this.resume()
        .catch((error: unknown) => this.logger.error({ msg: 'Accounts could not be removed', err: error }))
        .finally(() => (this.resuming = undefined));
    };
    resume();
    this.timer = setInterval(resume, RESUME_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.resuming;
  }

  /**
   * Deletes an account with everything in it. Its usage stays without a name, because it was paid for; entries of the
   * audit stay as they are. Asking again finishes a deletion that was interrupted.
   * @throws ChatError `not_found`; `bad_request` when the e-mail is not that of the account; `last_admin` (`A4`)
   */
  async delete(request: DeletionRequest): Promise<void> {
    // A refusal is returned and thrown after the commit, because its audit entry must be kept.
    const isRefused = await this.begin(request);
    if (isRefused) throw new ChatError('last_admin', 'This is the last admin: give another user this role first.');
    await this.finish(request.userId);
  }

  private begin({ userId, actorId, email }: DeletionRequest): Promise<boolean> {
    return this.log.write(async (transaction) => {
      const { em, at } = transaction;
      const isLast = await isLastAdmin(em, userId);
      const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!user) throw new ChatError('not_found', 'There is no such user.');
      if (email !== undefined && email.toLowerCase() !== user.email.toLowerCase()) {
        throw new ChatError('bad_request', 'email: is not the e-mail of the account');
      }
      if ((user.deletingSince ?? null) !== null) return false;
      if (isLast) {
        const detail = { reason: 'last_admin', act: 'delete' };
        await recordAct(transaction, { action: 'admin.refused', actorId, target: user, detail });
        return true;
      }
      await recordAct(transaction, { action: 'user.deleted', actorId, target: user, detail: {} });
      Object.assign(user, { disabled: true, deletingSince: at });
      // Before the sessions end, which closes the sockets: the tabs say why.
      transaction.append(userStream(userId), { type: 'user.deleted', data: { id: userId } });
      transaction.append(ADMIN_STREAM, { type: 'user.deleted', data: { id: userId } });
      await this.sessions.endAll(transaction, userId);
      return false;
    });
  }

  private async finish(userId: string): Promise<void> {
    // Again, until there are none: a request from before the sessions ended may have begun another one.
    for (let ids = await this.someOf(userId); ids.length > 0; ids = await this.someOf(userId)) {
      for (const id of ids) await this.deleteConversation(userId, id);
    }
    await this.database.transaction(({ all }) => all(REMOVE_SOON, [userId]));
    await this.conversations.purge();
    await this.log.write(async ({ em }) => {
      await em.nativeDelete(User, { id: userId, deletingSince: { $ne: null } });
    });
  }

  /** Conversations of a user that are not hidden yet; those that changed last, and may be answered now, come first. */
  private async someOf(userId: string): Promise<string[]> {
    const rows = await this.database.read((em) =>
      em.find(
        Conversation,
        { userId, deletedAt: null },
        { fields: ['id'], orderBy: { updatedAt: 'desc' }, limit: AT_A_TIME },
      ),
    );
    return rows.map(({ id }) => id);
  }

  private async deleteConversation(userId: string, id: string): Promise<void> {
    try {
      await this.conversations.delete({ userId }, id);
    } catch (error) {
      // Another process is finishing the same deletion.
      if (!(error instanceof ChatError) || error.code !== 'not_found') throw error;
    }
  }

  /** Finishes deletions that were interrupted. */
  async resume(): Promise<void> {
    const left = await this.database.read((em) => em.find(User, { deletingSince: { $ne: null } }, { fields: ['id'] }));
    for (const { id } of left) await this.finish(id);
  }
}
