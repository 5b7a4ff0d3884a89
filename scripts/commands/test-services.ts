import { connect } from 'node:net';
import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { runSuites } from '../testing/run-suites.ts';
import { suites } from '../testing/suites.ts';

// Each test makes a database of its own beside this one.
const address = (process.env['TEST_DATABASE_URL'] ??= 'postgresql://postgres@127.0.0.1:5432/test');
if (!(await isListening(address))) {
  throw new CommandFailed(
    `Nothing answers at ${address}. These tests need PostgreSQL: start it, or say where it is with TEST_DATABASE_URL.`,
  );
}
// Without it the tests of the other bus are skipped.
const redis = 'redis://127.0.0.1:6379';
if (process.env['TEST_REDIS_URL'] === undefined && (await isListening(redis))) process.env['TEST_REDIS_URL'] = redis;
await ensureBuilt(server, page);
await runSuites([suites.services], process.argv.slice(2));

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: hostname, port: Number(port || 5432), timeout: 3000 });
  socket.once('connect', () => resolve(true));
  socket.once('timeout', () => resolve(false));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
