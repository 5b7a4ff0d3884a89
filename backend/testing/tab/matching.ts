import { deepStrictEqual } from 'node:assert';
import type { z } from 'zod';

/**
 * What the server said, compared with the schema that the contract has of it: nothing more may be in it, and nothing
 * less. Views are open to clients that are older, but what is made here must not have a key that the contract does not name.
 * @throws Error with `what` and the difference
 */
export function matching<Schema extends z.ZodType>(schema: Schema, said: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw new Error(`${what} is not as its schema says: ${parsed.error.message}`);
  try {
    deepStrictEqual(parsed.data, said);
  } catch (cause) {
    throw new Error(`${what} has what its schema does not name: ${(cause as Error).message}`, { cause });
  }
  return parsed.data;
}
