import { randomUUID } from 'node:crypto';
import Sqlite from 'better-sqlite3';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MODELS = ['gpt-5', 'local-model', 'mistral-large'];

/** Writes the use of a user over the last days directly into the database of a running server: the same each time. */
export function seedUsage(databasePath: string, email: string, days: number): void {
  const database = new Sqlite(databasePath, { timeout: 10_000 });
  try {
    const userId: unknown = database.prepare('select id from users where email = ?').pluck().get(email);
    if (typeof userId !== 'string') throw new Error(`No user has signed in as ${email} yet.`);
    const add = database.prepare(
      `insert into usage_entries (run_id, user_id, model, at, input_tokens, output_tokens, cost_micros, estimated, status,
         failure, first_token_ms)
       values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
    );
    const now = Date.now();
    database.transaction(() => {
      for (let n = 0; n < days * 12; n += 1) {
        const at = now - Math.floor(n * (DAY_MS / 12));
        const model = MODELS[(n * 7) % MODELS.length];
        const isFailed = n % 9 === 4;
        const tokens = isFailed ? 0 : 400 + ((n * 997) % 5_000);
        const cost = model === 'local-model' ? null : tokens * 3;
        const firstTokenMs = isFailed ? null : 200 + ((n * 131) % 900);
        const end = isFailed ? ['failed', 'model_timeout'] : ['completed', null];
        add.run(randomUUID(), userId, model, at, tokens, Math.floor(tokens / 4), cost, ...end, firstTokenMs);
      }
    })();
  } finally {
    database.close();
  }
}
