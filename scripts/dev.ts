import { once } from 'node:events';
import { createServer } from 'node:net';
import { portRefusal } from '../backend/src/config/checks/port-refusal.ts';
import { codeOf } from '../backend/src/config/checks/system-reason.ts';
import { freePort } from '../backend/testing/free-port.ts';
import { untilItAnswers } from '../frontend/after-server.ts';
import { CommandFailed, runScript, Supervised, toolScript } from './programs.ts';
import { loadEnvironmentFile } from './start.ts';

/** Not `dist`, which contains the complete build for `npm start`. */
const OUTPUT = 'dist-dev';
const COMPILER = toolScript('@typescript/native', 'tsc');
/** Compiles incrementally, and writes nothing while there are errors. */
const OPTIONS = [
  ['-p', 'backend/tsconfig.build.json', '--outDir', OUTPUT, '--noEmitOnError'],
  ['--incremental', '--tsBuildInfoFile', `${OUTPUT}/.tsbuildinfo`],
].flat();
/** How long the page may take to be served before type checking begins, and how long programs may take to stop. */
const PATIENCE_MS = 15_000;
const EXIT_CODE_AFTER_SIGINT = 130;

/**
 * Runs three programs until one of them ends or a signal comes: the compiler, which writes nothing while there is an
 * error; the server, which Node restarts when the compiled files change; and Vite, which serves the page and proxies everything
 * else to the server, so that the browser uses one address.
 */
export default async function dev(): Promise<void> {
  loadEnvironmentFile();
  const host = process.env['HOST'] || '127.0.0.1';
  const port = process.env['PORT'] || '3000';
  await refuseTakenPort(host, Number(port));
  const backendPort = await freePort();
  const backend = `http://127.0.0.1:${backendPort}`;
  const stopping = new AbortController();
  const programs: Supervised[] = [];
  const run = (...parameters: ConstructorParameters<typeof Supervised>): void => {
    const program = new Supervised(...parameters);
    programs.push(program);
    void program.ended.then(() => {
      // It ended by itself, and has printed the reason.
      if (!stopping.signal.aborted) process.exitCode = 1;
      stopping.abort();
    });
  };
  const stopped = once(stopping.signal, 'abort');
  endOnSecondInterrupt();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  process.once('exit', () => {
    // Not SIGKILL: Node would leave the watched server running.
    for (const program of programs) program.kill('SIGTERM');
  });

  run([toolScript('vite'), 'dev', '--host', host, '--port', port, '--strictPort', '--clearScreen', 'false'], {
    cwd: 'frontend',
    env: { BACKEND_URL: backend },
  });
  await compileWithoutChecking();
  if (!stopping.signal.aborted) {
    run(['--watch', '--watch-preserve-output', '--enable-source-maps', `${OUTPUT}/src/main.js`], {
      env: {
        HOST: '127.0.0.1',
        PORT: String(backendPort),
        PUBLIC_URL: process.env['PUBLIC_URL'] || `http://localhost:${port}`,
        // Do not wait long for replies in progress at each saved file.
        DRAIN_MS: process.env['DRAIN_MS'] || '1000',
      },
    });
    await untilPageIsServed(`http://${host}:${port}`, stopping.signal);
  }
  if (!stopping.signal.aborted) run([COMPILER, ...OPTIONS, '--watch', '--preserveWatchOutput']);
  await stopped;
  await Promise.all(programs.map((program) => program.stop(PATIENCE_MS)));
}

/** Compiles without type checks, which take three times as long, so that the server starts sooner. */
async function compileWithoutChecking(): Promise<void> {
  const { ok, output } = await runScript(COMPILER, [...OPTIONS, '--noCheck']);
  if (!ok) throw new CommandFailed(`${output}\nThe server does not compile.`);
}

/**
 * Types are checked once the page can be used, or when it cannot be used in time: the check would take a core from the
 * programs that start. The request also makes Vite transform the page before the browser asks for it.
 */
async function untilPageIsServed(address: string, stopping: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(PATIENCE_MS)]);
  await untilItAnswers(address, signal);
  await fetch(address, { headers: { accept: 'text/html' }, signal }).catch(() => undefined);
}

/** Checked first: Vite would report it with a stack trace, and only after the server has started. */
async function refuseTakenPort(host: string, port: number): Promise<void> {
  try {
    const probe = createServer().listen(port, host);
    await once(probe, 'listening');
    await once(probe.close(), 'close');
  } catch (error) {
    const sentence = portRefusal(codeOf(error), host, port);
    throw sentence === undefined ? error : new CommandFailed(sentence);
  }
}

/**
 * A second Ctrl-C ends this process at once; the first one lets the server shut down.
 *
 * Under npm each key press arrives twice, from the terminal and from npm, so a signal within half a second of the first
 * one is ignored.
 */
function endOnSecondInterrupt(): void {
  let firstAt: number | undefined;
  process.on('SIGINT', () => {
    // The only listener: nothing has started yet, or the server has shut down and raises the signal again.
    const isAlone = process.listenerCount('SIGINT') === 1;
    firstAt ??= performance.now();
    if (isAlone || performance.now() - firstAt > 500) process.exit(EXIT_CODE_AFTER_SIGINT);
  });
}
