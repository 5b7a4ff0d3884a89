import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { Database } from '../database/database.js';
import type { Personal, Preferences, User as UserView } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import { User } from './user.entity.js';
import { appendUserUpdated } from './user-events.js';
import { viewUser } from './user.views.js';

/** New conversations use the texts unless the user says otherwise. */
const NOTHING_WRITTEN: Personal = { about: '', replies: '', used: true };

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly preferences?: Preferences | undefined;
  readonly personal?: Partial<Personal> | undefined;
}

/** Reads and changes the profiles of users. */
@Injectable()
export class Profiles {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  read(userId: string): Promise<UserView> {
    return this.database.read(async (em) => viewUser(await em.findOneOrFail(User, { id: userId })));
  }

  /** Changes the given parts; missing keys stay as they are. Without a real change there is no event. */
  change(userId: string, { name, preferences, personal }: ProfileChange): Promise<UserView> {
    return this.log.write(async (transaction) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const user = await transaction.em.findOneOrFail(User, { id: userId }, lock);
      const isRenamed = name !== undefined && name !== user.name;
      if (isRenamed) Object.assign(user, { name, hasOwnName: true });
      const chosen = { ...user.preferences, ...preferences };
      const hasOtherPreferences = !isDeepStrictEqual(chosen, user.preferences);
      if (hasOtherPreferences) user.preferences = chosen;
      const before = user.personal ?? NOTHING_WRITTEN;
      const written = { ...before, ...personal };
      const hasOtherTexts = !isDeepStrictEqual(written, before);
      if (hasOtherTexts) user.personal = written;
      if (isRenamed || hasOtherPreferences || hasOtherTexts) await appendUserUpdated(transaction, user);
      return viewUser(user);
    });
  }
}
