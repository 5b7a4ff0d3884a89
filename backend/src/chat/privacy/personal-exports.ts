import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { dateOf } from '../../clock.js';
import { Database } from '../../database/database.js';
import { ChatError } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { recordAct } from '../../users/admin/audit.js';
import { AuditEntry } from '../../users/admin/audit-entry.entity.js';
import { Picture } from '../../users/pictures/picture.entity.js';
import { User } from '../../users/user.entity.js';
import { viewAuditEntry, viewUser } from '../../users/user.views.js';
import { Conversation } from '../conversations/conversation.entity.js';
import { ExportService } from '../conversations/export.service.js';
import { UsageEntry } from '../usage/usage-entry.entity.js';
import { jsonList } from './json-list.js';
import { PERSONAL_RECORDS, type PersonalRecord } from './personal-records.js';
import { type ZipEntry, zipOf } from './zip.js';

const AT_A_TIME = 500;

export interface PersonalExport {
  readonly fileName: string;
  /** A ZIP archive, made while it is read; it fails if the account is deleted meanwhile. */
  readonly content: Readable;
}

/** Exports everything that is stored about a person. */
@Injectable()
export class PersonalExports {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly conversations: ExportService,
  ) {}

  /** @throws ChatError `not_found` */
  async open(userId: string): Promise<PersonalExport> {
    const { user, ids } = await this.database.readAside(async (em) => ({
      user: await em.findOne(User, { id: userId }),
      ids: (await em.find(Conversation, { userId, deletedAt: null }, { fields: ['id'], orderBy: { id: 'asc' } })).map(
        ({ id }) => id,
      ),
    }));
    if (!user) throw new ChatError('not_found', 'There is no such user.');
    const { picture, disabled, createdAt, lastSeenAt } = user;
    const profile = { ...viewUser(user), disabled, createdAt, lastSeenAt, pictureSource: picture };
    const content = zipOf([
      { name: 'profile.json', content: () => [jsonOf(profile)] },
      ...(await this.pictureOf(userId)),
      ...Object.entries(PERSONAL_RECORDS).map(([name, read]) => ({ name, content: () => this.whole(read, user) })),
      { name: 'usage.json', content: () => this.usageOf(userId) },
      { name: 'audit.json', content: () => this.auditOf(userId) },
      ...ids.map((id) => ({ name: `conversations/${id}.json`, content: () => this.conversationOf(userId, id) })),
    ]);
    const day = dateOf(this.database.clock.now()).toISOString().slice(0, 10);
    return { fileName: `lockstep-${day}.zip`, content };
  }

  /** An export by an admin, which is recorded. @throws ChatError `not_found` */
  async openFor(actorId: string, userId: string): Promise<PersonalExport> {
    await this.log.write(async (transaction) => {
      const target = await transaction.em.findOne(User, { id: userId });
      if (!target) throw new ChatError('not_found', 'There is no such user.');
      await recordAct(transaction, { action: 'user.exported', actorId, target, detail: {} });
    });
    return this.open(userId);
  }

  private async pictureOf(userId: string): Promise<ZipEntry[]> {
    const picture = await this.database.read((em) => em.findOne(Picture, { userId }));
    if (!picture) return [];
    const { contentType, bytes } = picture;
    return [{ name: contentType.replace('image/', 'picture.'), content: () => [bytes] }];
  }

  private async *whole(read: PersonalRecord, user: User): AsyncGenerator<string> {
    yield jsonOf(await this.database.readAside((em) => read(em, user)));
  }

  private usageOf(userId: string): AsyncGenerator<string> {
    return jsonList(
      (after) =>
        this.database.readAside(async (em) => {
          const later = after === undefined ? {} : { runId: { $gt: after } };
          const rows = await em.find(UsageEntry, { userId, ...later }, { orderBy: { runId: 'asc' }, limit: AT_A_TIME });
          return rows.map(({ userId: _own, ...entry }) => entry);
        }),
      ({ runId }) => runId,
    );
  }

  /** What was done to the account, and what the person did without another account in it. */
  private auditOf(userId: string): AsyncGenerator<string> {
    return jsonList(
      (after) =>
        this.database.readAside(async (em) => {
          const about = { $or: [{ targetId: userId }, { actorId: userId, targetId: null }] };
          const later = after === undefined ? {} : { id: { $gt: after } };
          const rows = await em.find(AuditEntry, { ...about, ...later }, { orderBy: { id: 'asc' }, limit: AT_A_TIME });
          return rows.map(viewAuditEntry);
        }),
      ({ id }) => id,
    );
  }

  private async *conversationOf(userId: string, id: string): AsyncGenerator<string> {
    try {
      const { content } = await this.conversations.export({ userId }, id, 'json');
      yield* content;
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'not_found') throw error;
      // Deleted while the export was being made.
      yield jsonOf({ deleted: true });
    }
  }
}

const jsonOf = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
