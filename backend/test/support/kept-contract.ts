import { afterAll, afterEach } from '@jest/globals';
import { mismatchOf } from './contract-mismatch.js';
import { ResponseRecorder } from './response-recorder.js';

/*
 * Compares all that servers in this process answer over HTTP with the contract, whatever a test is about. The contract is
 * loaded only where a server has answered, which has loaded most of it already.
 */
export const recorder = new ResponseRecorder();

/** The first test of a file waits for the contract too. */
const DEADLINE_MS = 60_000;

afterEach(async () => {
  const responses = recorder.take();
  if (responses.length === 0) return;
  const { controllers } = await import('../../src/contract/controllers.js');
  const { readRoutes } = await import('../../src/contract/read-routes.js');
  const routes = readRoutes(controllers());
  const mismatches = new Set(responses.flatMap((response) => mismatchOf(routes, response) ?? []));
  if (mismatches.size > 0) throw new Error(`Not as the contract says:\n${[...mismatches].join('\n')}`);
}, DEADLINE_MS);

afterAll(() => recorder[Symbol.dispose]());
