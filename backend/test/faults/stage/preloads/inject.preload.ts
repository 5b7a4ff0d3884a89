import process from 'node:process';

/*
 * Loaded into the server before its own code (`--import`): raises errors at signals, like a bug in the code.
 */

const kept: unknown[] = [];

function fillHeap(): void {
  for (let n = 0; n < 200; n += 1) kept.push(Array.from({ length: 5_000 }, (_, at) => ({ at, n })));
  setImmediate(fillHeap);
}

process.on('SIGUSR2', () => void Promise.reject(new Error('injected: lost')));
process.on('SIGWINCH', () =>
  setImmediate(() => {
    throw new Error('injected: boom');
  }),
);
process.on('SIGIO', fillHeap);
