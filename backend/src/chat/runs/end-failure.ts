import { classifyDatabaseError } from '../../database/database-error.js';
import { ChatError } from '../../protocol/index.js';
import type { RunEnd } from './run-end.js';

/** Whether the end of a run that could not be stored can be stored later, as it is. */
export const willPass = (error: unknown): boolean =>
  error instanceof ChatError ? error.code === 'storage' : classifyDatabaseError(error) !== 'other';

/** How a run ends whose real end cannot be stored: with its text, and with nothing that has to be reckoned. */
export const bareEnd = (requestId: string): RunEnd => ({
  status: 'failed',
  usage: null,
  error: { code: 'internal', requestId },
});
