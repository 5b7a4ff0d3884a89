import { Injectable } from '@nestjs/common';
import { raw } from '@mikro-orm/core';
import { z } from 'zod';
import { Database } from '../database/database.js';
import type { AdminUser, AuditEntry as AuditEntryView, Page } from '../protocol/index.js';
import { AuditEntry } from './audit-entry.entity.js';
import { pageCursor, pageLimit, pageOf } from './page-cursor.js';
import { PresenceRow } from './presence.entity.js';
import { searchPattern } from './search-text.js';
import { User } from './user.entity.js';
import { viewAdminUser, viewAuditEntry } from './user.views.js';

export const auditQuery = z.strictObject({ cursor: pageCursor.optional(), limit: pageLimit });
export const usersQuery = auditQuery.extend({ q: z.string().trim().max(200).optional() });

/** The lists that admins read, newest first. Pages neither skip nor repeat what is added meanwhile. */
@Injectable()
export class UserDirectory {
  constructor(private readonly database: Database) {}

  users({ q, cursor, limit }: z.infer<typeof usersQuery>): Promise<Page<AdminUser>> {
    return this.database.readAside(async (em) => {
      const rows = await em.find(
        User,
        {
          ...(q && { [raw(String.raw`search_text like ? escape '\'`, [searchPattern(q)])]: [] }),
          ...(cursor !== undefined && { id: { $lt: cursor } }),
        },
        { orderBy: { id: 'desc' }, limit: limit + 1 },
      );
      const present = await em.find(PresenceRow, { userId: { $in: rows.map(({ id }) => id) } });
      const online = new Set(present.map(({ userId }) => userId));
      return pageOf(rows, limit, (user) => viewAdminUser(user, online.has(user.id)));
    });
  }

  audit({ cursor, limit }: z.infer<typeof auditQuery>): Promise<Page<AuditEntryView>> {
    return this.database.readAside(async (em) => {
      const older = cursor === undefined ? {} : { id: { $lt: cursor } };
      const rows = await em.find(AuditEntry, older, { orderBy: { id: 'desc' }, limit: limit + 1 });
      return pageOf(rows, limit, viewAuditEntry);
    });
  }
}
