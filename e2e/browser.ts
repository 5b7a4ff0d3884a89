import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { chromium, type LaunchOptions } from '@playwright/test';
import { findProgram } from '../backend/testing/find-program.ts';
import { ensureBuilt } from '../scripts/build.ts';
import { page, server } from '../scripts/outputs.ts';
import { CommandFailed, type Ended, runProgram, runScript, toolScript } from '../scripts/programs.ts';

/** Debian's Chromium without a window of its own: the same engine, and tests take half the time. */
const HEADLESS = 'chromium-headless-shell';

/** The system's whole Chromium, where there is one; `undefined` leaves the choice to Playwright. A snap cannot be driven. */
function systemChromium(): string | undefined {
  const path = findProgram('chromium');
  return path?.startsWith('/snap/') ? undefined : path;
}

/**
 * How every Chromium here is started: without a sandbox, for containers run this as root, and without calling home.
 * @param isWhole with what a person's browser has around its pages, as that which installs them
 */
export function launchOptions(more: readonly string[] = [], isWhole = false): LaunchOptions {
  const executablePath = (isWhole ? undefined : findProgram(HEADLESS)) ?? systemChromium();
  return {
    ...(executablePath ? { executablePath } : isWhole && { channel: 'chromium' }),
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

/** For what looks at the built page in Chromium: both are there afterwards. */
export async function prepareBrowser(): Promise<void> {
  await ensureBuilt(server, page);
  await ensureBrowser();
}

/**
 * Makes sure that a browser is there for the tests and starts, and says what it installs.
 * Debian's own package comes with every library that it needs; Playwright's download does not, so it comes second.
 * @throws CommandFailed with a sentence that says what to do by hand.
 */
export async function ensureBrowser(): Promise<void> {
  if (existingBrowser() === undefined) await install();
  const browser = existingBrowser();
  if (browser === undefined) throw cannotInstall('it is still not there');
  const started = await tryToRun(browser, ['--version']);
  if (!started.ok) {
    throw new CommandFailed(
      `The tests in a browser need Chromium, and ${browser} does not start: ${lastWords(started.output)}. ${BY_HAND}`,
    );
  }
}

const BY_HAND = `${
  isDebian()
    ? 'Please run `apt-get install chromium` as root, and try again'
    : 'Please run `npx playwright install --with-deps chromium`, and try again'
}; \`npm test -- server\` and \`npm test -- page\` need no browser.`;

const existingBrowser = (): string | undefined =>
  systemChromium() ?? [chromium.executablePath()].find((path) => existsSync(path));

const cannotInstall = (reason: string): CommandFailed =>
  new CommandFailed(`The tests in a browser need Chromium, and it could not be installed: ${reason}. ${BY_HAND}`);

async function install(): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isDebian() && isRoot && findProgram('apt-get') !== undefined) {
    console.log("No browser here yet: installing Chromium from Debian's packages (apt-get install chromium) ...");
    const installing = ['install', '-y', '-q', '--no-install-recommends'];
    for (const args of [
      ['update', '-q'],
      [...installing, 'chromium'],
    ]) {
      const ended = await tryToRun('apt-get', args);
      if (!ended.ok) throw cannotInstall(lastWords(ended.output));
    }
    // Older releases do not have it, and the tests take longer there.
    await tryToRun('apt-get', [...installing, HEADLESS]);
    return;
  }
  console.log("No browser here yet: installing Playwright's own Chromium, which takes a while ...");
  const withLibraries = process.platform === 'linux' && isRoot && findProgram('apt-get') !== undefined;
  const command = ['install', ...(withLibraries ? ['--with-deps'] : []), 'chromium'];
  const ended = await runScript(toolScript('@playwright/test', 'playwright'), command);
  if (!ended.ok) throw cannotInstall(lastWords(ended.output));
}

/** Ubuntu is left out by intent: its package of this name only points to a snap, which containers cannot run. */
function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function tryToRun(program: string, args: readonly string[]): Promise<Ended> {
  try {
    return await runProgram(program, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  } catch (error) {
    return { ok: false, output: String(error), seconds: 0 };
  }
}

/** How programs begin the line that says why they failed. */
const REASON = /^(?:E:|[\w.]*error\b.*?:|.*?: error while loading)\s*(.+)$/i;

/** The line of a program's output that says why it failed, as the end of a sentence: its first complaint, or its last line. */
export function lastWords(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const complaint = lines.find((line) => REASON.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return complaint.replace(/^(E|[A-Z]\w*Error|Error):\s*/, '').replace(/\.$/, '');
}
