import { deepStrictEqual } from 'node:assert';
import type { z } from 'zod';

/**
 * Compares a message of the server with its schema in the contract; it must not have additional keys. Schemas of views
 * allow them, for older clients, but this version must not send a key that the contract does not name.
 * @throws Error with `what` and the difference
 */
export function matching<Schema extends z.ZodType>(schema: Schema, said: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw new Error(`${what} does not match its schema: ${parsed.error.message}`);
  try {
    deepStrictEqual(parsed.data, said);
  } catch (cause) {
    throw new Error(`${what} has keys that its schema does not name: ${(cause as Error).message}`, { cause });
  }
  return parsed.data;
}
