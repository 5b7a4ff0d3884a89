import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller, Principal } from '../../common/handlers/principal.js';
import { Database, type EntityManager } from '../../database/database.js';
import { LanguageModel } from '../../models/language-model.js';
import type { AdminModelList, bodies } from '../../protocol/http/index.js';
import {
  ADMIN_STREAM,
  type AdminModel,
  ASKING_ROLES,
  ChatError,
  type ModelAccess,
  type ModelAccessChange,
  type ModelList,
  teamStream,
  userStream,
} from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../../users/admin/audit.js';
import { User } from '../../users/user.entity.js';
import { lockAccess, readAccess } from './access-rows.js';
import { ModelAccessRow } from './model-access.entity.js';
import { READ_REFUSED } from './model-access.statements.js';

/** Who may ask which model: admins choose, everybody else sees what is left. */
@Injectable()
export class ModelAccessService {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly model: LanguageModel,
  ) {}

  /** The offered models that the user may ask, with their prices, the default first. */
  async offeredTo({ userId }: Caller): Promise<ModelList> {
    const rows = await this.database.query(READ_REFUSED, [userId]);
    const refused = new Set(rows.map(({ model }) => model));
    const list = this.model.offered();
    return { ...list, items: list.items.filter(({ id }) => !refused.has(id)) };
  }

  /** All offered models, and who may ask them. */
  async list(): Promise<AdminModelList> {
    const access = await this.database.readAside((em) => readAccess(em, this.model.allowed));
    return { items: this.model.allowed.map((id) => ({ id, access: access.get(id) ?? null })), nextCursor: null };
  }

  /**
   * Replaces who may ask a model. It applies to the next message of everybody; replies that are being written continue.
   * Without a real change nothing is written.
   * @throws ChatError `not_found` for a model that is not offered, `bad_request` for an unknown person
   */
  change({ userId }: Principal, { model, access: wanted }: z.infer<typeof bodies.modelAccess>): Promise<AdminModel> {
    if (!this.model.allowed.includes(model)) throw new ChatError('not_found', 'There is no such model.');
    return this.log.write(async (transaction) => {
      const { em } = transaction;
      await lockAccess(transaction, model);
      const from = (await readAccess(em, [model])).get(model) ?? null;
      const to = await accessOf(em, wanted);
      const data: AdminModel = { id: model, access: to };
      if (isDeepStrictEqual(from, to)) return data;
      await em.nativeDelete(ModelAccessRow, { model });
      const row = (role: ModelAccessRow['role'], person: string | null): unknown =>
        em.create(ModelAccessRow, { id: transaction.newId(), model, role, userId: person });
      for (const role of to?.roles ?? []) row(role, null);
      for (const { id } of to?.users ?? []) row(null, id);
      appendChanges(transaction, from, to);
      transaction.append(ADMIN_STREAM, { type: 'model.updated', data });
      const detail = { model, from: auditOf(from), to: auditOf(to) };
      await recordAct(transaction, { action: 'model.access_changed', actorId: userId, detail });
      return data;
    });
  }
}

/** @throws ChatError `bad_request` for an unknown person */
async function accessOf(em: EntityManager, wanted: ModelAccessChange): Promise<ModelAccess> {
  if (!wanted) return null;
  const people = await em.find(User, { id: { $in: wanted.userIds } }, { orderBy: { id: 'asc' } });
  if (people.length < wanted.userIds.length)
    throw new ChatError('bad_request', 'access.userIds: has an unknown person');
  return {
    roles: ASKING_ROLES.filter((role) => wanted.roles.includes(role)),
    users: people.map(({ id, name, email }) => ({ id, name, email })),
  };
}

/** Tells the tabs of the roles and people for whom something has changed. */
function appendChanges(transaction: LogTransaction, from: ModelAccess, to: ModelAccess): void {
  const event = { type: 'models.changed', data: {} } as const;
  for (const role of ASKING_ROLES) {
    const [before, after] = [from, to].map((access) => access?.roles.includes(role) ?? true);
    if (before !== after) transaction.append(teamStream(role), event);
  }
  const idsOf = (access: ModelAccess): readonly string[] => access?.users.map(({ id }) => id) ?? [];
  const [before, after] = [idsOf(from), idsOf(to)];
  for (const id of new Set([...before, ...after])) {
    if (before.includes(id) !== after.includes(id)) transaction.append(userStream(id), event);
  }
}

const auditOf = (access: ModelAccess) =>
  access && { roles: access.roles, users: access.users.map(({ email }) => email) };
