import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { scaled } from '../../backend/testing/pace.ts';
import { Chat } from '../support/chat.ts';
import { ADA, newPerson } from '../support/people.ts';
import { SCREENS } from '../support/screens.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const THREAD =
  '/echo ## Heading\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nconst a = 1;\n```\n\n> Quote with [a link](https://example.com) and $x^2$';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Everything else is the same in the dark theme. */
const COLORS = ['color-contrast', 'link-in-text-block'];

type Violations = Awaited<ReturnType<AxeBuilder['analyze']>>['violations'];

/** What axe finds once it has seen the colors of texts, which it cannot while another element is drawn over them. */
async function violationsIn(page: Page, wanted: { tags: string[] } | { rules: string[] }): Promise<Violations> {
  let found: Violations = [];
  await expect(async () => {
    // In the page itself, and not in a new one for each analysis: there are no frames of other sites.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    const { violations, passes } = await (
      'tags' in wanted ? axe.withTags(wanted.tags) : axe.withRules(wanted.rules)
    ).analyze();
    // Proves that axe has checked something: above all the contrast of texts.
    expect(passes.map(({ id }) => id)).toContain('color-contrast');
    found = violations;
  }).toPass({ timeout: scaled(10_000) });
  return found;
}

/** The violations that axe finds, in light and in dark, one readable line each. */
async function problemsOf(page: Page): Promise<string[]> {
  const problems: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.waitForFunction((scheme) => matchMedia(`(prefers-color-scheme: ${scheme})`).matches, colorScheme);
    // The page receives the change with the next frame, and draws it with the one after.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const violations = await violationsIn(page, colorScheme === 'light' ? { tags: TAGS } : { rules: COLORS });
    for (const { id, nodes } of violations) {
      for (const { target, failureSummary } of nodes) {
        problems.push(`${new URL(page.url()).pathname} ${colorScheme} ${id} ${target.join(' ')}: ${failureSummary}`);
      }
    }
  }
  return problems;
}

for (const [name, options] of Object.entries(SCREENS)) {
  test(`axe finds nothing wrong on any page, light or dark, on a ${name}`, async ({ browser, startServer }) => {
    // With few rows: in the long tables of a used installation axe cannot tell the colors of any text on a phone.
    const server = await startServer();
    const context = await browser.newContext({ baseURL: server.url, ...options });
    const page = await context.newPage();
    const problems: string[] = [];
    const look = async (): Promise<void> => {
      problems.push(...(await problemsOf(page)));
    };

    await page.goto('/login');
    await page.getByRole('button', { name: 'Continue with Google' }).waitFor();
    await look();
    await page.goto('/login-failed?error=access_denied');
    await page.getByRole('alert').waitFor();
    await look();
    await signIn(page, ADA);
    const chat = new Chat(page);
    await chat.composer.waitFor();
    await look();
    await chat.ask(THREAD);
    await chat.replyText.locator('.katex').waitFor();
    await look();
    await page.getByRole('button', { name: 'About this reply' }).click();
    await page.getByRole('dialog', { name: 'About this reply' }).waitFor();
    await look();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('heading');
    await page.getByRole('option').locator('mark').first().waitFor();
    await look();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Options for this conversation' }).click();
    await page.getByRole('menuitem', { name: 'Archive', exact: true }).click();
    await page.getByText('This conversation is archived.').waitFor();
    await look();
    for (const [path, heading] of [
      ['/archive', 'Archived'],
      ['/profile', 'Profile'],
      ['/profile/webhooks', 'Webhooks'],
      ['/admin/users', 'Users'],
      ['/admin/invitations', 'Invitations'],
      ['/admin/models', 'Models'],
      ['/admin/budgets', 'Budgets'],
      ['/admin/announcements', 'Announcements'],
      ['/admin/webhooks', 'Webhooks'],
      ['/admin/audit', 'Activity'],
      ['/admin/usage', 'Usage'],
      ['/admin/dashboard', 'Dashboard'],
      ['/admin/system', 'System'],
      ['/no/such/page', 'Page not found'],
    ] as const) {
      await page.goto(path);
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      await expect(page.getByText(/^Loading/)).toHaveCount(0);
      await look();
    }
    await page.goto('/admin/users');
    await page.getByRole('link', { name: ADA.name, exact: true }).click();
    await page.getByRole('heading', { name: 'Sessions' }).waitFor();
    await look();
    expect(problems).toEqual([]);
    await context.close();
  });

  test(`axe finds nothing wrong with a queue and with settings, light or dark, on a ${name}`, async ({
    browser,
    server,
  }) => {
    const context = await browser.newContext({ baseURL: server.url, ...options });
    const page = await context.newPage();
    await signIn(page, newPerson());
    const chat = new Chat(page);
    await chat.send('/count 5000 20');
    await chat.send('And then?');
    await page.getByText('Will be sent when the reply is finished').waitFor();
    const problems = await problemsOf(page);
    await page.getByRole('button', { name: 'Model: ' }).click();
    await page.getByRole('menuitem', { name: 'Instructions and parameters' }).click();
    const settings = page.getByRole('dialog', { name: 'Instructions and parameters' });
    await settings.getByLabel('Temperature').fill('hot');
    await settings.getByRole('button', { name: 'Save' }).click();
    await settings.getByRole('alert').waitFor();
    problems.push(...(await problemsOf(page)));
    expect(problems).toEqual([]);
    await context.close();
  });
}
