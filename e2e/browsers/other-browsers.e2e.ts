import { firefox } from '../other-browsers/firefox.ts';
import { PersonAtTab } from '../other-browsers/person-at-tab.ts';
import type { OtherBrowser, Tab } from '../other-browsers/tab.ts';
import { webkit } from '../other-browsers/webkit.ts';
import { counted } from '../support/chat.ts';
import { LockstepServer } from '../support/lockstep-server.ts';
import { Network } from '../support/network.ts';
import { newPerson } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

for (const kind of [firefox, webkit]) {
  if (kind.missing !== undefined) {
    test.skip(`the page works in ${kind.name} (not run: ${kind.missing})`, () => undefined);
    continue;
  }
  test.describe(kind.name, () => {
    // One browser and one user for all tests: starting a browser takes longer than the tests.
    test.describe.configure({ mode: 'serial' });
    let network: Network;
    let server: LockstepServer;
    let browser: OtherBrowser | undefined;
    let person: PersonAtTab;
    test.beforeAll(async () => {
      network = await Network.start();
      server = await LockstepServer.start({ PUBLIC_URL: network.url });
      network.leadTo(server.port);
      browser = await kind.start();
    });
    test.afterAll(async () => {
      await browser?.close();
      await network.dispose();
      await server.dispose();
    });

    const newTab = (): Promise<Tab> => {
      if (!browser) throw new Error('The browser has not started');
      return browser.newTab();
    };

    test('signs in', async () => {
      person = new PersonAtTab(await newTab());
      await person.signIn(network.url, newPerson());
      expect(new URL(await person.address()).pathname).toBe('/chat');
    });

    test('[L10] streams a reply into two tabs, and stops it in both', async () => {
      await person.send('/count 5000 40');
      await expect.poll(() => person.lastReply()).toMatch(/^1 2 3/);
      const other = new PersonAtTab(await newTab());
      await other.open(await person.address());
      for (const one of [other, person]) {
        await expect.poll(() => one.lastReply()).toMatch(/^1 2 3/);
        const shown = await one.lastReply();
        await expect.poll(async () => (await one.lastReply()).length).toBeGreaterThan(shown.length);
      }
      await other.tab.click('button[aria-label="Stop"]');
      for (const one of [other, person]) await expect.poll(() => one.isReplying()).toBe(false);
      const whole = await person.lastReply();
      expect(counted(5000).startsWith(whole)).toBe(true);
      expect(await other.lastReply()).toBe(whole);
    });

    test('[L6] sends messages once that were written without a connection', async () => {
      network.cut();
      await person.send('/echo Written away.');
      await expect.poll(async () => (await person.ownMessages()).at(-1)).toContain('Written away.');
      expect(await person.lastReply()).not.toContain('Written away.');
      network.mend();
      await expect.poll(() => person.lastReply()).toBe('Written away.');
      const written = (await person.ownMessages()).filter((text) => text.includes('Written away.'));
      expect(written).toHaveLength(1);
    });

    test('pastes several lines unchanged', async () => {
      const lines = 'if a:\n    b()\n\nc()';
      await person.tab.click('textarea');
      for (const [at, line] of lines.split('\n').entries()) {
        if (at > 0) await person.tab.press('Shift', 'Enter');
        await person.tab.type(line);
      }
      await person.tab.press('Control', 'a');
      await person.tab.press('Control', 'x');
      await expect.poll(() => person.composerText()).toBe('');
      await person.tab.press('Control', 'v');
      await expect.poll(() => person.composerText()).toBe(lines);
      await person.tab.press('Control', 'a');
      await person.tab.type('/echo pasted');
      await person.tab.press('Enter');
      await expect.poll(() => person.lastReply()).toBe('pasted');
    });

    test('accepts a composed word with Enter without sending it, and sends with the next Enter', async () => {
      await person.tab.click('textarea');
      await person.tab.type('/echo ');
      await person.tab.compose('日');
      await person.tab.compose('本');
      await expect.poll(() => person.composerText()).toBe('/echo 日本');
      expect((await person.ownMessages()).at(-1)).not.toContain('日');
      await person.tab.press('Enter');
      await expect.poll(() => person.lastReply()).toBe('日本');
    });
  });
}
