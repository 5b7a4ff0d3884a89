import { afterAll, afterEach } from '@jest/globals';
import { mismatchOf } from './contract-mismatch.js';
import { ExchangeRecorder } from './exchange-recorder.js';

/*
 * Compares all that servers in this process answer over HTTP with the contract, whatever a test is about. The contract is
 * loaded only where a server has answered, which has loaded most of it already.
 */
export const recorder = new ExchangeRecorder();

/** The first test of a file waits for the contract too. */
const DEADLINE_MS = 60_000;

afterEach(async () => {
  const exchanges = recorder.take();
  if (exchanges.length === 0) return;
  const { controllers } = await import('../../src/contract/controllers.js');
  const { readRoutes } = await import('../../src/contract/read-routes.js');
  const routes = readRoutes(controllers());
  const mismatches = new Set(exchanges.flatMap((exchange) => mismatchOf(routes, exchange) ?? []));
  if (mismatches.size > 0) throw new Error(`Not as the contract says:\n${[...mismatches].join('\n')}`);
}, DEADLINE_MS);

afterAll(() => recorder[Symbol.dispose]());
