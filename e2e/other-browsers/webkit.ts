import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Builder, By, Capabilities, Key as SeleniumKey, until, type WebDriver } from 'selenium-webdriver';
import { findProgram } from '../../backend/testing/find-program.ts';
import { freePort } from '../../backend/testing/free-port.ts';
import type { BrowserKind, Key, OtherBrowser, Tab } from './tab.ts';
import { scaled } from '../../backend/testing/pace.ts';

const APPEARS_MS = scaled(60_000);
const driverProgram = findProgram('WebKitWebDriver');
const screenProgram = findProgram('Xvfb');
/** Part of libwebkit2gtk: a window around the engine, without anything else. */
const miniBrowser = globSync('/usr/lib/*/webkit2gtk-4.*/MiniBrowser').sort().at(-1);

/** WebKit as GNOME ships it; close to Safari in all but its media. It has no headless mode, so it gets a screen. */
export const webkit: BrowserKind = {
  name: 'WebKit',
  missing: whatIsMissing(),
  async start() {
    if (driverProgram === undefined || screenProgram === undefined) throw new Error('There is no WebKit');
    const screen = spawn(screenProgram, ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const [display] = (await once(screen.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
    const port = await freePort();
    const program = spawn(driverProgram, [`--port=${port}`], {
      env: { ...process.env, DISPLAY: `:${display.toString().trim()}`, LANG: 'C.UTF-8' },
      stdio: 'ignore',
    });
    try {
      return new WebKit(await openSession(port), [program, screen]);
    } catch (error) {
      program.kill();
      screen.kill();
      throw error;
    }
  },
};

function whatIsMissing(): string | undefined {
  if (driverProgram === undefined || miniBrowser === undefined) return "Debian's webkit2gtk-driver is not installed";
  return screenProgram === undefined ? "Debian's xvfb is not installed" : undefined;
}

/** Retries until the driver listens. */
async function openSession(port: number): Promise<WebDriver> {
  const wanted = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
  });
  const deadline = Date.now() + APPEARS_MS;
  for (;;) {
    try {
      return await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(wanted).build();
    } catch (error) {
      if (Date.now() > deadline || !String(error).includes('ECONNREFUSED')) throw error;
      await delay(50);
    }
  }
}

class WebKit implements OtherBrowser {
  readonly #driver: WebDriver;
  readonly #programs: readonly ChildProcess[];
  #isNew = true;

  constructor(driver: WebDriver, programs: readonly ChildProcess[]) {
    this.#driver = driver;
    this.#programs = programs;
  }

  async newTab(): Promise<Tab> {
    // The first window exists already. Others are windows too, because a background tab is not drawn.
    if (!this.#isNew) await this.#driver.switchTo().newWindow('window');
    this.#isNew = false;
    return new WebKitTab(this.#driver, await this.#driver.getWindowHandle());
  }

  async close(): Promise<void> {
    await this.#driver.quit();
    for (const program of this.#programs) program.kill();
  }
}

const KEYS: Readonly<Record<Key, string>> = {
  Enter: SeleniumKey.ENTER,
  Shift: SeleniumKey.SHIFT,
  Control: SeleniumKey.CONTROL,
};
const isNamed = (key: string): key is Key => key in KEYS;

class WebKitTab implements Tab {
  readonly #driver: WebDriver;
  readonly #handle: string;

  constructor(driver: WebDriver, handle: string) {
    this.#driver = driver;
    this.#handle = handle;
  }

  async open(url: string): Promise<void> {
    await this.#choose();
    await this.#driver.get(url);
  }

  async read<Value>(expression: string): Promise<Value> {
    await this.#choose();
    return this.#driver.executeScript<Value>(`return (${expression})`);
  }

  async click(selector: string): Promise<void> {
    await this.#choose();
    const element = await this.#driver.wait(until.elementLocated(By.css(selector)), APPEARS_MS);
    await element.click();
  }

  async type(text: string): Promise<void> {
    await this.#choose();
    await this.#driver.actions().sendKeys(text).perform();
  }

  async press(...keys: Parameters<Tab['press']>): Promise<void> {
    await this.#choose();
    const codes = keys.map((key) => (isNamed(key) ? KEYS[key] : key));
    const actions = this.#driver.actions();
    for (const code of codes) actions.keyDown(code);
    for (const code of codes.reverse()) actions.keyUp(code);
    await actions.perform();
  }

  /** Uses GTK's own input method, which makes a character from its hexadecimal number. */
  async compose(character: string): Promise<void> {
    await this.press('Control', 'Shift', 'u');
    await this.type((character.codePointAt(0) ?? 0).toString(16));
    await this.press('Enter');
  }

  /** The protocol addresses one window at a time. */
  async #choose(): Promise<void> {
    await this.#driver.switchTo().window(this.#handle);
  }
}
