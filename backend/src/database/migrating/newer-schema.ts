import { DatabaseRefused } from '../database-refused.js';

/** Somebody has started a newer version on this database: this one does not know what its tables mean. */
export class NewerSchema extends DatabaseRefused {
  override readonly name = 'NewerSchema';
}

/**
 * Compares what was carried out on a database with what this version knows.
 * @param what names the database in the message
 * @throws NewerSchema when there is anything that this version does not know
 */
export function refuseNewerSchema(what: string, executed: readonly string[], known: readonly string[]): void {
  const unknown = executed.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new NewerSchema(
    `${what} was changed by a newer version of Lockstep (${unknown.join(', ')}), which this version does not ` +
      'understand. Start that version again, or bring back a backup from before with `npm run db:restore FILE`.',
  );
}
