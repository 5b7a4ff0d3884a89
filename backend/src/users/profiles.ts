import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { Database } from '../database/database.js';
import type { Preferences, User as UserView } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import { User } from './user.entity.js';
import { tellUserUpdated } from './user-events.js';
import { viewUser } from './user.views.js';

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly preferences?: Preferences | undefined;
}

/** What people say about themselves. */
@Injectable()
export class Profiles {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  read(userId: string): Promise<UserView> {
    return this.database.read(async (em) => viewUser(await em.findOneOrFail(User, { id: userId })));
  }

  /** Keys of the preferences that are not named stay as they are. */
  change(userId: string, { name, preferences }: ProfileChange): Promise<UserView> {
    return this.log.write(async (transaction) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const user = await transaction.em.findOneOrFail(User, { id: userId }, lock);
      if (name !== undefined && name !== user.name) {
        user.name = name;
        user.hasOwnName = true;
      }
      if (preferences) user.preferences = { ...user.preferences, ...preferences };
      await tellUserUpdated(transaction, user);
      return viewUser(user);
    });
  }
}
