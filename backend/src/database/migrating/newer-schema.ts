import { DatabaseRefused } from '../database-refused.js';

/** The database was migrated by a newer version, whose tables this version does not know. */
export class NewerSchema extends DatabaseRefused {
  override readonly name = 'NewerSchema';
}

/**
 * Compares the executed migrations of a database with those of this version.
 * @param what the name of the database in the message
 * @throws NewerSchema when a migration is not known to this version
 */
export function refuseNewerSchema(what: string, executed: readonly string[], known: readonly string[]): void {
  const unknown = executed.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new NewerSchema(
    `${what} was changed by a newer version of Lockstep (${unknown.join(', ')}), which this version does not ` +
      'understand. Start that version again, or restore an older backup with `npm run db:restore FILE`.',
  );
}
