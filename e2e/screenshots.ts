import { mkdirSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium } from '@playwright/test';
import { launchOptions, prepareBrowser } from './browser.ts';
import { photographAdministration, photographDoor, photographWaiting } from './screenshots/around-chat.ts';
import { photographChat, photographTrouble } from './screenshots/chat.ts';
import { photographUse } from './screenshots/using.ts';
import { Studio } from './screenshots/studio.ts';
import { photographPrograms, photographTeam } from './screenshots/team.ts';
import { SCREENS } from './support/screens.ts';

/**
 * Takes all screenshots in `docs/shots` again, from the real server with its local services.
 * @param wanted part of the names of the looks that are wanted, such as `phone` or `desktop-dark`.
 */
async function main(wanted = ''): Promise<void> {
  mkdirSync('docs/shots', { recursive: true });
  const browser = await chromium.launch(launchOptions());
  for (const [screen, options] of Object.entries(SCREENS)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const look = `${screen}-${colorScheme}`;
      if (look.includes(wanted)) await photographAll(browser, look, { ...options, colorScheme });
    }
  }
  await browser.close();
}

async function photographAll(browser: Browser, suffix: string, look: BrowserContextOptions): Promise<void> {
  const studio = await Studio.open(browser, suffix, look);
  try {
    await photographDoor(studio);
    await photographWaiting(studio);
    await photographAdministration(studio);
    await photographChat(studio);
    await photographUse(studio);
    await photographTrouble(studio);
    // Last: no reply may end once there are webhooks.
    await photographTeam(studio);
    await photographPrograms(studio);
  } finally {
    await studio.close();
  }
}

await prepareBrowser();
await main(process.argv[2]);
