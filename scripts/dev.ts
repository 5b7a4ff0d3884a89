import { once } from 'node:events';
import { createServer } from 'node:net';
import getPort from 'get-port';
import { portRefusal } from '../backend/src/config/checks/port-refusal.ts';
import { codeOf } from '../backend/src/config/checks/system-reason.ts';
import { untilItAnswers } from '../frontend/after-server.ts';
import { CommandFailed, runScript, Supervised, toolScript } from './programs.ts';
import { loadEnvironmentFile } from './start.ts';

/** Not `dist`: what `npm start` serves is built whole, by itself. */
const OUTPUT = 'dist-dev';
const COMPILER = toolScript('@typescript/native', 'tsc');
/** What has not changed since the last time is not compiled again, and nothing is written while there is an error. */
const OPTIONS = [
  ['-p', 'backend/tsconfig.build.json', '--outDir', OUTPUT, '--noEmitOnError'],
  ['--incremental', '--tsBuildInfoFile', `${OUTPUT}/.tsbuildinfo`],
].flat();
/** How long a server may take to start until its sources are watched, and to stop. */
const PATIENCE_MS = 10_000;
const EXIT_CODE_AFTER_SIGINT = 130;

/**
 * Runs three programs until one of them ends or a signal comes: the compiler, which writes nothing while there is an
 * error; the server, which Node starts again when what was compiled changes; and Vite, which serves the page and passes
 * everything else on to the server, so that the browser sees one address.
 */
export default async function dev(): Promise<void> {
  loadEnvironmentFile();
  const host = process.env['HOST'] || '127.0.0.1';
  const port = process.env['PORT'] || '3000';
  await refuseTakenPort(host, Number(port));
  const backendPort = await getPort();
  const backend = `http://127.0.0.1:${backendPort}`;
  const stopping = new AbortController();
  const programs: Supervised[] = [];
  const run = (...parameters: ConstructorParameters<typeof Supervised>): void => {
    const program = new Supervised(...parameters);
    programs.push(program);
    void program.ended.then(() => {
      // Nobody asked it to: it has said why.
      if (!stopping.signal.aborted) process.exitCode = 1;
      stopping.abort();
    });
  };
  const stopped = once(stopping.signal, 'abort');
  endOnSecondInterrupt();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  process.once('exit', () => {
    // Not by force: Node would leave the server behind that it watches over.
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
        // Replies in progress are not worth waiting for at every saved file.
        DRAIN_MS: process.env['DRAIN_MS'] || '1000',
      },
    });
    // Types are checked when the page can be used already; a server that does not start is not waited for.
    await untilItAnswers(backend, AbortSignal.any([stopping.signal, AbortSignal.timeout(PATIENCE_MS)]));
  }
  if (!stopping.signal.aborted) run([COMPILER, ...OPTIONS, '--watch', '--preserveWatchOutput']);
  await stopped;
  await Promise.all(programs.map((program) => program.stop(PATIENCE_MS)));
}

/** The server need not wait until all types have been checked, which takes three times as long. */
async function compileWithoutChecking(): Promise<void> {
  const { ok, output } = await runScript(COMPILER, [...OPTIONS, '--noCheck']);
  if (!ok) throw new CommandFailed(`${output}\nThe server does not compile.`);
}

/** Vite would say it with a stack, after the server has started for nothing. */
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
 * Makes a second Ctrl-C end this process at once, while the first one leaves the server its time to shut down.
 *
 * Under npm one key press arrives twice, from the terminal and from npm, which passes it on:
 * what follows within half a second belongs to the first.
 */
function endOnSecondInterrupt(): void {
  let firstAt: number | undefined;
  process.on('SIGINT', () => {
    // Alone here: nothing listens yet, or the server has shut down and passes the signal on as its last act.
    const isAlone = process.listenerCount('SIGINT') === 1;
    firstAt ??= performance.now();
    if (isAlone || performance.now() - firstAt > 500) process.exit(EXIT_CODE_AFTER_SIGINT);
  });
}
