import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import lighthouse, { desktopConfig, type Flags } from 'lighthouse';
import { freePort } from '../backend/testing/free-port.ts';
import { launchOptions, prepareBrowser } from './browser.ts';
import { Chat } from './support/chat.ts';
import { LockstepServer } from './support/lockstep-server.ts';
import { ADA } from './support/people.ts';
import { signIn } from './support/sign-in.ts';

/** The scores that must reach `LEAST`; the speed depends on the machine, so it is shown but not checked. */
const JUDGED = ['accessibility', 'best-practices'] as const;
const SHOWN = ['performance'] as const;
const LEAST = 95;

/**
 * Lighthouse on every kind of page, as on a desk and as on a phone, against the real server with its local services.
 * Ends with 1 when a score is below `LEAST`, and names the audits that cost it.
 */
async function main(): Promise<void> {
  const server = await LockstepServer.start();
  const profile = mkdtempSync(join(tmpdir(), 'lockstep-lighthouse-'));
  const port = await freePort();
  // Lighthouse opens its own tabs: they are signed in because they share this profile.
  const context = await chromium.launchPersistentContext(profile, {
    baseURL: server.url,
    ...launchOptions([`--remote-debugging-port=${port}`]),
  });
  try {
    const page = await context.newPage();
    const lacking = [...(await judge(`${server.url}/login`, port))];
    await signIn(page, ADA);
    const chat = new Chat(page);
    await chat.ask('/fast How do I debounce a function in TypeScript?');
    for (const path of ['/chat', new URL(page.url()).pathname, '/profile', '/admin/users', '/admin/dashboard']) {
      lacking.push(...(await judge(server.url + path, port)));
    }
    if (lacking.length > 0) {
      console.error(`\nBelow ${LEAST}:\n${lacking.join('\n')}`);
      process.exitCode = 1;
    }
  } finally {
    await context.close();
    await server.dispose();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Prints one line per form factor, and returns the scores below the limit. */
async function judge(url: string, port: number): Promise<string[]> {
  const lacking: string[] = [];
  for (const form of ['desktop', 'phone'] as const) {
    const flags: Flags = {
      port,
      output: 'json',
      logLevel: 'error',
      disableStorageReset: true,
      onlyCategories: [...JUDGED, ...SHOWN],
    };
    const result = await lighthouse(url, flags, form === 'desktop' ? desktopConfig : undefined);
    if (!result) throw new Error(`Lighthouse has no result for ${url}`);
    const { categories, audits, finalDisplayedUrl } = result.lhr;
    const scores = [...JUDGED, ...SHOWN].map((name) => `${name} ${Math.round((categories[name]?.score ?? 0) * 100)}`);
    const path = new URL(finalDisplayedUrl).pathname;
    console.log(`${path.replace(/[\da-f]{8}-[\da-f-]{27}/, ':id')} on a ${form}: ${scores.join(', ')}`);
    for (const name of JUDGED) {
      if (Math.round((categories[name]?.score ?? 0) * 100) >= LEAST) continue;
      const failed = categories[name]?.auditRefs.filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1);
      lacking.push(`${path} on a ${form}, ${name}: ${(failed ?? []).map(({ id }) => id).join(', ')}`);
    }
  }
  return lacking;
}

await prepareBrowser();
await main();
