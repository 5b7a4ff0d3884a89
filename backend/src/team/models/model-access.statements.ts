import { statement } from '../../database/sql/statement.js';

/**
 * The models that the user `$1` may not ask: they are restricted, and the user has neither one of their roles now nor is
 * one of their people. As text, for statements that read more.
 */
export const refusedModels = `
  select granted.model from model_access granted join users on users.id = $1 group by granted.model
  having max(case when granted.user_id = users.id or granted.role = users.role then 1 else 0 end) = 0`;

export const READ_REFUSED = statement(refusedModels);

/** Locks a name until the end of the transaction: a model without rows has nothing to lock. Only PostgreSQL needs it. */
export const LOCK_ACCESS = statement({
  sqlite: 'select $1 as locked',
  postgresql: 'select pg_advisory_xact_lock(hashtextextended($1, 0))',
});
