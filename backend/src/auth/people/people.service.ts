import { Injectable } from '@nestjs/common';
import type { Principal } from '../../common/handlers/principal.js';
import type { EntityManager } from '../../database/database.js';
import type { AdminPerson } from '../../protocol/http/index.js';
import { ChatError } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { recordAct } from '../../users/admin/audit.js';
import { UserDirectory } from '../../users/admin/user-directory.js';
import { User } from '../../users/user.entity.js';
import { LinkedIdentities } from '../identities/linked-identities.js';
import { endSessionsOf } from '../sessions/end-sessions.js';
import { Sessions } from '../sessions/sessions.js';
import { PersonalTokens } from '../tokens/personal-tokens.js';

/** What admins see of one user, and may end for them. */
@Injectable()
export class PeopleService {
  constructor(
    private readonly directory: UserDirectory,
    private readonly sessions: Sessions,
    private readonly identities: LinkedIdentities,
    private readonly tokens: PersonalTokens,
    private readonly log: EventLog,
  ) {}

  /** @throws ChatError `not_found` */
  async read(admin: Principal, userId: string): Promise<AdminPerson> {
    const { roleIssuer, ...user } = await this.directory.user(userId);
    const [sessions, identities, tokens] = await Promise.all([
      this.sessions.list(userId, admin.sessionId),
      this.identities.list(userId),
      this.tokens.list(userId),
    ]);
    const roleProvider = roleIssuer === null ? null : this.identities.labelOf(roleIssuer);
    return { user, roleProvider, sessions, identities, tokens };
  }

  /** @throws ChatError `not_found` when the user or the session does not exist, or the session has ended */
  async endSession(admin: Principal, userId: string, sessionId: string): Promise<void> {
    await this.log.write(async (transaction) => {
      const target = await findUser(transaction.em, userId);
      const { userAgent } = await this.sessions.endOne(transaction, userId, sessionId);
      const detail = { device: userAgent };
      await recordAct(transaction, { action: 'session.ended', actorId: admin.userId, target, detail });
    });
  }

  /** Ends all sessions of a user; without any, nothing is written. @throws ChatError `not_found` */
  async endSessions(admin: Principal, userId: string): Promise<void> {
    const whose = { actorId: admin.userId, userId };
    await this.log.write((transaction) => endSessionsOf(transaction, this.sessions, whose));
  }
}

async function findUser(em: EntityManager, id: string): Promise<User> {
  const user = await em.findOne(User, { id });
  if (!user) throw new ChatError('not_found', 'There is no such user.');
  return user;
}
