import { toJson, toNumberOrNull } from '../database/sql/sql-values.js';
import type { RunsStatements } from '../database/transactions/transaction.js';
import type { Personal, Preferences, Role, User as UserView } from '../protocol/index.js';
import { READ_USER } from './user.statements.js';
import { viewUser } from './user.views.js';

/** A user as the user sees it; `undefined` when there is no such user. */
export async function readUser(transaction: RunsStatements, id: string): Promise<UserView | undefined> {
  const [row] = await transaction.all(READ_USER, [id]);
  return (
    row &&
    viewUser({
      id: row['id'] as string,
      email: row['email'] as string,
      name: row['name'] as string,
      pictureHash: row['picture_hash'] as string | null,
      role: row['role'] as Role,
      preferences: toJson(row['preferences']) as Preferences,
      personal: toJson(row['personal']) as Personal | null,
      budgetResetsAt: toNumberOrNull(row['budget_resets_at']),
    })
  );
}
