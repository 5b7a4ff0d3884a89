import { classifyDatabaseError } from '../../database/database-error.js';
import { ChatError } from '../../protocol/index.js';
import type { RunEnd } from './run-end.js';

/** Whether an error while storing the end of a run will pass, so that the same end can be stored later. */
export const willPass = (error: unknown): boolean =>
  error instanceof ChatError ? error.code === 'storage' : classifyDatabaseError(error) !== 'other';

/** The end of a run whose real end cannot be stored: `failed`, with its text but without usage. */
export const bareEnd = (requestId: string): RunEnd => ({
  status: 'failed',
  usage: null,
  error: { code: 'internal', requestId },
});
