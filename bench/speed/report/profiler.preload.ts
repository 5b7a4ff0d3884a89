/**
 * Loaded into the server before its own code: the first `SIGUSR2` starts V8's profiler on the main thread, the second
 * writes the profile to the file `BENCH_REPORT`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { isMainThread } from 'node:worker_threads';

const INTERVAL_MICROS = 200;

async function start(session: Session): Promise<void> {
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROS });
  await session.post('Profiler.start');
}

async function stop(session: Session): Promise<void> {
  const { profile } = await session.post('Profiler.stop');
  const report = process.env['BENCH_REPORT'] ?? '';
  writeFileSync(`${report}.new`, JSON.stringify(profile));
  renameSync(`${report}.new`, report);
}

if (isMainThread) {
  const session = new Session();
  session.connect();
  let isRunning = false;
  process.on('SIGUSR2', () => {
    isRunning = !isRunning;
    (isRunning ? start(session) : stop(session)).catch((error: unknown) => console.error(error));
  });
}
