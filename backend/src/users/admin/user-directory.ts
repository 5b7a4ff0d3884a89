import type { InferKyselyDB } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { z } from 'zod';
import { Database } from '../../database/database.js';
import { type AdminUser, ChatError, type Page, plainText } from '../../protocol/index.js';
import { pageCursor, pageLimit, pageOf } from './page-cursor.js';
import { PresenceRow } from '../presence/presence.entity.js';
import { isOnline } from '../presence/presence-rows.js';
import { searchPattern } from './search-text.js';
import { User, type UserSchema } from '../user.entity.js';
import { viewAdminUser } from '../user.views.js';

export const usersQuery = z.strictObject({
  cursor: pageCursor.optional(),
  limit: pageLimit,
  q: plainText.trim().max(200).optional(),
});

/** The users for admins, newest first. Items that are added in the meantime do not shift the pages. */
@Injectable()
export class UserDirectory {
  constructor(private readonly database: Database) {}

  users({ q, cursor, limit }: z.infer<typeof usersQuery>): Promise<Page<AdminUser>> {
    return this.database.readAside(async (em) => {
      let query = em
        .getKysely<InferKyselyDB<typeof UserSchema>>()
        .selectFrom('users')
        .select('id')
        .where('deleting_since', 'is', null)
        .orderBy('id', 'desc')
        .limit(limit + 1);
      if (q) query = query.where(sql<boolean>`search_text like ${searchPattern(q)} escape '\\'`);
      if (cursor !== undefined) query = query.where('id', '<', cursor);
      const found = await query.execute();
      const rows = await em.find(User, { id: { $in: found.map(({ id }) => id) } }, { orderBy: { id: 'desc' } });
      const present = await em.find(PresenceRow, { userId: { $in: rows.map(({ id }) => id) } });
      const online = new Set(present.map(({ userId }) => userId));
      return pageOf(rows, limit, (user) => viewAdminUser(user, online.has(user.id)));
    });
  }

  /** @throws ChatError `not_found`, also for an account that is being deleted */
  async user(id: string): Promise<AdminUser & { readonly roleIssuer: string | null }> {
    return this.database.read(async (em) => {
      const user = await em.findOne(User, { id, deletingSince: null });
      if (!user) throw new ChatError('not_found', 'There is no such user.');
      return { ...viewAdminUser(user, await isOnline(em, id)), roleIssuer: user.roleIssuer ?? null };
    });
  }
}
