import type { EntityManager } from '../../database/database.js';
import { ASKING_ROLES, type ModelAccess } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { User } from '../../users/user.entity.js';
import { ModelAccessRow } from './model-access.entity.js';
import { LOCK_ACCESS } from './model-access.statements.js';

/** Who may ask the models, without those that everybody may ask. People whose accounts are deleted are left out. */
export async function readAccess(
  em: EntityManager,
  models: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<ModelAccess>>> {
  const rows = await em.find(ModelAccessRow, { model: { $in: [...models] } });
  const ids = rows.flatMap(({ userId }) => userId ?? []);
  const people = await em.find(User, { id: { $in: ids } }, { orderBy: { id: 'asc' } });
  const found = new Map<string, NonNullable<ModelAccess>>();
  for (const [model, granted] of Map.groupBy(rows, (row) => row.model)) {
    const roles = new Set(granted.map(({ role }) => role));
    const named = new Set(granted.map(({ userId }) => userId));
    found.set(model, {
      roles: ASKING_ROLES.filter((role) => roles.has(role)),
      users: people.filter(({ id }) => named.has(id)).map(({ id, name, email }) => ({ id, name, email })),
    });
  }
  return found;
}

/** Two admins who change the same model take turns. On SQLite all writers do. */
export async function lockAccess(transaction: LogTransaction, model: string): Promise<void> {
  if (transaction.kind === 'postgresql') await transaction.all(LOCK_ACCESS, [`model_access ${model}`]);
}
