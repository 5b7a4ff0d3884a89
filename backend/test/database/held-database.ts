import type { Database } from '../../src/database/database.js';

/** Keeps a transaction open until this is disposed of: on SQLite everything else waits for it. */
export async function holdDatabase(database: Database): Promise<AsyncDisposable> {
  const opened = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const holding = database.transaction(async () => {
    opened.resolve();
    await gate.promise;
  });
  await Promise.race([opened.promise, holding]);
  return {
    async [Symbol.asyncDispose]() {
      gate.resolve();
      await holding;
    },
  };
}
