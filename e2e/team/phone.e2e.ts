import { SCREENS } from '../support/screens.ts';
import { ADA } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test.use(SCREENS.phone);

test('every page for admins fits on a phone, with its tab in view', async ({ page }) => {
  await signIn(page, ADA, '/admin/users');
  const tabs = page.getByRole('navigation', { name: 'Administration' }).getByRole('link');
  await expect(tabs).toHaveCount(10);
  for (const tab of await tabs.all()) {
    const path = await tab.getAttribute('href');
    // By its address, as a link from elsewhere would open it.
    await page.goto(path ?? '');
    await expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toBeVisible();
    await expect(tab).toHaveAttribute('aria-current', 'page');
    // All but the lower border, which lies on that of the bar.
    await expect(tab, path ?? '').toBeInViewport({ ratio: 0.9 });
    const { wide, narrow } = await page.getByRole('main').evaluate((main) => ({
      wide: main.scrollWidth - main.clientWidth,
      narrow: [...main.querySelectorAll('input:not([type=radio], [type=checkbox]), select, textarea')]
        .map((field) => ({ field: field.outerHTML, width: field.getBoundingClientRect().width }))
        .filter(({ width }) => width < 100),
    }));
    expect(narrow, path ?? '').toEqual([]);
    expect(wide, path ?? '').toBe(0);
  }
});
