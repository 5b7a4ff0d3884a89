// Checks the version of Node before any code that needs a newer one is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import './config/checks/node-version.js';
import { existsSync } from 'node:fs';
import { terminalSentence } from './config/checks/cannot-start.js';
import type { Config } from './config/config.js';
import { readConfig } from './config/read-config.js';
import { ProcessFaults } from './health/process-faults.js';
import { type RunningServer, type ServerOptions, startServer } from './server.js';
import { stopAndExit } from './stop.js';
import { VERSION } from './version.js';

/** A repeated signal within this time counts as the same one. */
const SAME_SIGNAL_MS = 500;
const PAGE_DIR = 'frontend/build';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const server = await startServer(config, {
    mount: usesLocalServices(config) ? mountLocalServices(config) : undefined,
    pageDir: existsSync(PAGE_DIR) ? PAGE_DIR : undefined,
  });
  stopOnSignal(server, config);
  stopOnFault(server, config);
  greet(config);
}

const usesLocalServices = ({ google, models }: Config): boolean => (google?.isLocal ?? false) || models.isLocal;

/** Loaded only when needed: production has neither the local services nor the packages that they need. */
const mountLocalServices =
  (config: Config): NonNullable<ServerOptions['mount']> =>
  async (app) => {
    const localServices = await import('../dev/local-services.js');
    await localServices.mountLocalServices(app, config);
  };

function stopOnSignal(server: RunningServer, { drainMs }: Config): void {
  let firstAt: number | undefined;
  const stop = (): void => {
    if (firstAt !== undefined) {
      // One key press arrives twice if npm passes it on too. A later one ends the process at once.
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    firstAt = performance.now();
    void stopAndExit(server, drainMs, 0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Stops after an uncaught exception, since the state is in doubt; a supervisor is expected to restart the process. */
function stopOnFault(server: RunningServer, { drainMs }: Config): void {
  server.app.get(ProcessFaults).watch(() => void stopAndExit(server, drainMs, 1));
}

function greet({ publicUrl, google, models }: Config): void {
  const lines = [`Lockstep is at ${publicUrl}`, `  Version: ${VERSION}`];
  if (google?.isLocal && google.localReach === 'network') {
    lines.push(
      '  WARNING: everyone who reaches this address can sign in as anyone, admins too (LOCAL_SIGN_IN=network).',
    );
  }
  if (google?.isLocal) lines.push('  Sign-in: the local provider (set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET).');
  if (models.isLocal)
    lines.push('  Model: the local model (set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server).');
  console.log(lines.join('\n'));
}

main().catch((error: unknown) => {
  const sentence = terminalSentence(error);
  console.error(sentence === undefined ? error : `Lockstep cannot start.\n${sentence}`);
  process.exit(1);
});
