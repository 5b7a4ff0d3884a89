/**
 * Loaded into a server before its own code: sets the clock that the process sees. At each `SIGUSR2` it reads an offset
 * in milliseconds from a file in `DATA_DIR`, and removes the file. Timers and `performance.now()` are not changed.
 */
import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

let aheadMs = 0;
const timeOfDay = Date.now.bind(Date);
const now = (): number => timeOfDay() + aheadMs;

function set(): void {
  const file = join(process.env['DATA_DIR'] ?? '', `clock-${process.pid}`);
  aheadMs = Number(readFileSync(file, 'utf8'));
  unlinkSync(file);
}

if (isMainThread) {
  Date.now = now;
  globalThis.Date = new Proxy(Date, {
    apply: () => new Date(now()).toString(),
    construct: (date, args: unknown[], made) =>
      Reflect.construct(date, args.length === 0 ? [now()] : args, made) as Date,
  });
  process.on('SIGUSR2', set);
}
