import { setTimeout as delay } from 'node:timers/promises';
import { ChatError } from '../../protocol/index.js';
import { classifyDatabaseError } from '../database-error.js';
import { CommitUndone } from './commit-outcome.js';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Tries again after a conflict with another transaction, for `patienceMs` at most.
 * @throws ChatError `storage` when the database is away, or locked for longer; what `attempt` throws otherwise
 */
export async function patiently<T>(patienceMs: number, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof ChatError) throw error;
      const kind = error instanceof CommitUndone ? 'conflict' : classifyDatabaseError(error);
      if (kind === 'other') throw error;
      if (kind === 'unavailable' || performance.now() + pauseMs > deadline) {
        throw new ChatError('storage', 'The database cannot be written at the moment.', { cause: error });
      }
      // Random, so that two processes that collided do not collide again.
      await delay(pauseMs * (0.5 + Math.random()));
    }
  }
}
