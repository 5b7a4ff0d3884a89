import { existsSync, readFileSync } from 'node:fs';
import { chromium, type LaunchOptions } from '@playwright/test';
import { CommandFailed } from '../processes/command-failed.ts';
import { runProgram, runScript, toolScript } from '../processes/tool.ts';

const DEBIAN_CHROMIUM = '/usr/bin/chromium';

/** The system's Chromium, where there is one; `undefined` leaves the choice to Playwright. */
function systemChromium(): string | undefined {
  return existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : undefined;
}

/** How every Chromium here is started: without a sandbox, for containers run this as root, and without calling home. */
export function launchOptions(more: readonly string[] = []): LaunchOptions {
  const executablePath = systemChromium();
  return {
    ...(executablePath && { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  };
}

/**
 * Makes sure that a browser is there for the tests, and says what it installs.
 * Debian's own package comes with every library that it needs; Playwright's download does not, so it comes second.
 * @throws CommandFailed with a sentence that says what to do by hand.
 */
export async function ensureBrowser(): Promise<void> {
  if (systemChromium() !== undefined || existsSync(chromium.executablePath())) return;
  const isRoot = process.getuid?.() === 0;
  if (isDebian() && isRoot) {
    console.log("No browser here yet: installing Chromium from Debian's packages (apt-get install chromium) ...");
    await must('apt-get', ['update', '-q']);
    await must('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium']);
    return;
  }
  console.log("No browser here yet: installing Playwright's own Chromium ...");
  const withLibraries = process.platform === 'linux' && isRoot ? ['--with-deps'] : [];
  const ended = await runScript(
    toolScript('@playwright/test', 'playwright'),
    ['install', ...withLibraries, 'chromium'],
    {
      show: 'live',
    },
  );
  if (ended.ok) return;
  throw new CommandFailed(
    isDebian()
      ? 'Chromium could not be installed. Please run `apt-get install chromium` as root, and try again.'
      : 'Chromium could not be installed. Please run `npx playwright install chromium`, and try again.',
  );
}

/** Ubuntu is left out by intent: its package of this name only points to a snap, which containers cannot run. */
function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const ended = await runProgram(program, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  if (!ended.ok) throw new CommandFailed(`\`${program} ${args.join(' ')}\` failed:\n${ended.output}`);
}
