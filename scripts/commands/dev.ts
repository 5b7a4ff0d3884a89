import { once } from 'node:events';
import { watch } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';
import { portRefusal } from '../../backend/src/config/checks/port-refusal.ts';
import { codeOf } from '../../backend/src/config/checks/system-reason.ts';
import { ensureBuilt } from '../build/ensure-built.ts';
import { server } from '../build/outputs.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { loadEnvironmentFile } from '../processes/environment-file.ts';
import { endOnSecondInterrupt } from '../processes/second-interrupt.ts';
import { Supervised } from '../processes/supervised.ts';
import { toolScript } from '../processes/tool.ts';

// One address for the browser: Vite serves the page there and passes everything else on to the server.
loadEnvironmentFile();
const host = process.env['HOST'] || '127.0.0.1';
const port = process.env['PORT'] || '3000';
await refuseTakenPort(host, Number(port));
const backendPort = await getPort();
const stopping = new AbortController();

const startServer = (): Supervised =>
  new Supervised(['--enable-source-maps', 'dist/src/main.js'], {
    env: {
      HOST: '127.0.0.1',
      PORT: String(backendPort),
      PUBLIC_URL: process.env['PUBLIC_URL'] || `http://localhost:${port}`,
      // Replies in progress are not worth waiting for at every saved file.
      DRAIN_MS: process.env['DRAIN_MS'] || '1000',
    },
  });

await ensureBuilt(server);
let backend = startServer();
const vite = new Supervised(
  [toolScript('vite'), 'dev', '--host', host, '--port', port, '--strictPort', '--clearScreen', 'false'],
  {
    cwd: 'frontend',
    env: { BACKEND_URL: `http://127.0.0.1:${backendPort}` },
  },
);
void vite.ended.then(() => {
  // Nobody asked it to: it has said why, a port in use for example.
  if (!stopping.signal.aborted) process.exitCode = 1;
  stopping.abort();
});
endOnSecondInterrupt();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
process.once('exit', () => {
  backend.kill();
  vite.kill();
});

try {
  for await (const { filename } of watch('backend', { recursive: true, signal: stopping.signal })) {
    if (filename?.endsWith('.ts')) await rebuild();
  }
} catch (error) {
  if (!stopping.signal.aborted) throw error;
}
await Promise.all([backend.stop(), vite.stop()]);

/** Vite would say it with a stack, after the server has started for nothing. */
async function refuseTakenPort(address: string, number: number): Promise<void> {
  try {
    const probe = createServer().listen(number, address);
    await once(probe, 'listening');
    await once(probe.close(), 'close');
  } catch (error) {
    const sentence = portRefusal(codeOf(error), address, number);
    throw sentence === undefined ? error : new CommandFailed(sentence);
  }
}

async function rebuild(): Promise<void> {
  // Editors and branch switches write many files at once; what comes later is seen as a change again.
  await delay(100);
  try {
    if (!(await ensureBuilt(server))) return;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    console.error('The server keeps running as it was; it is built again at the next change.');
    return;
  }
  await backend.stop();
  if (stopping.signal.aborted) return;
  backend = startServer();
}
