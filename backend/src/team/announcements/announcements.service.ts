import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { z } from 'zod';
import type { Principal } from '../../common/handlers/principal.js';
import { Database } from '../../database/database.js';
import type { bodies } from '../../protocol/http/index.js';
import {
  ADMIN_STREAM,
  type AdminAnnouncement,
  ChatError,
  MAX_ANNOUNCEMENTS,
  type Page,
  ROLES,
  teamStream,
  userStream,
} from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { recordAct } from '../../users/admin/audit.js';
import { pageOf } from '../../users/admin/page-cursor.js';
import { User } from '../../users/user.entity.js';
import { Announcement } from './announcement.entity.js';
import { readStanding, viewAdminAnnouncement, viewAnnouncement } from './announcement-rows.js';
import { DISMISS } from './announcement.statements.js';

/** Announcements by admins, and what their readers have closed. */
@Injectable()
export class AnnouncementsService {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** All announcements, also those that have ended, newest first. */
  list({ cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number }) {
    return this.database.readAside(async (em): Promise<Page<AdminAnnouncement>> => {
      const older = cursor === undefined ? {} : { id: { $lt: cursor } };
      const rows = await em.find(Announcement, older, { orderBy: { id: 'desc' }, limit: limit + 1 });
      return pageOf(rows, limit, viewAdminAnnouncement);
    });
  }

  /**
   * Shows an announcement to everybody with one of its roles, by default to all. One that stands already in the same
   * form is returned instead: a repeated request shows it once.
   * @throws ChatError `bad_request` for an end that has passed, or when too many announcements stand already
   */
  add(
    { userId }: Principal,
    { text, tone, endsAt = null, roles = [...ROLES] }: z.infer<typeof bodies.announcement>,
  ): Promise<AdminAnnouncement> {
    return this.log.write(async (transaction) => {
      const { em, at } = transaction;
      if (endsAt !== null && endsAt <= at) throw new ChatError('bad_request', 'endsAt: must be in the future');
      const audience = ROLES.filter((role) => roles.includes(role));
      const same = await em.find(Announcement, { text, tone, endsAt, withdrawnAt: null });
      const repeated = same.find((other) => isDeepStrictEqual(other.roles, audience));
      if (repeated) return viewAdminAnnouncement(repeated);
      if ((await readStanding(transaction, at)).length >= MAX_ANNOUNCEMENTS) {
        throw new ChatError('bad_request', `Only ${MAX_ANNOUNCEMENTS} announcements may stand: withdraw one first.`);
      }
      const author = await em.findOneOrFail(User, { id: userId });
      const announcement = em.create(Announcement, {
        id: transaction.newId(),
        text,
        tone,
        roles: audience,
        authorEmail: author.email,
        createdAt: at,
        endsAt,
        withdrawnAt: null,
      });
      const view = viewAdminAnnouncement(announcement);
      const data = viewAnnouncement(announcement);
      for (const role of view.roles) transaction.append(teamStream(role), { type: 'announcement.added', data });
      transaction.append(ADMIN_STREAM, { type: 'announcement.added', data: view });
      const detail = { announcementId: view.id, text, tone, endsAt, roles: view.roles };
      await recordAct(transaction, { action: 'announcement.added', actorId: userId, detail });
      return view;
    });
  }

  /**
   * Takes an announcement back. One that was withdrawn already stays as it is.
   * @throws ChatError `not_found`
   */
  withdraw({ userId }: Principal, id: string): Promise<void> {
    return this.log.write(async (transaction) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const announcement = await transaction.em.findOne(Announcement, { id }, lock);
      if (!announcement) throw notFound();
      if (announcement.withdrawnAt !== null) return;
      announcement.withdrawnAt = transaction.at;
      const view = viewAdminAnnouncement(announcement);
      for (const role of view.roles) {
        transaction.append(teamStream(role), { type: 'announcement.withdrawn', data: { id } });
      }
      transaction.append(ADMIN_STREAM, { type: 'announcement.withdrawn', data: view });
      const detail = { announcementId: id, text: view.text, roles: view.roles };
      await recordAct(transaction, { action: 'announcement.withdrawn', actorId: userId, detail });
    });
  }

  /**
   * Hides an announcement from the user, in all their tabs and for good. Dismissing it again changes nothing.
   * @throws ChatError `not_found`, also for an announcement that is for other roles (`A3`)
   */
  dismiss({ userId, role }: Principal, id: string): Promise<void> {
    return this.log.write(async (transaction) => {
      const announcement = await transaction.em.findOne(Announcement, { id });
      if (!announcement?.roles.includes(role)) throw notFound();
      const [noted] = await transaction.all(DISMISS, [userId, id, transaction.at]);
      if (noted) transaction.append(userStream(userId), { type: 'announcement.dismissed', data: { id } });
    });
  }
}

const notFound = (): ChatError => new ChatError('not_found', 'There is no such announcement.');
