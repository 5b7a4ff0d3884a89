import { AxeBuilder } from '@axe-core/playwright';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('menus opened by keyboard focus their first item, with Enter, Space and the arrows', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Hello.');
  const triggers = [
    page.getByRole('button', { name: /@/ }),
    page.getByRole('button', { name: 'Options for this conversation' }),
    page.getByRole('button', { name: /^Model:/ }),
    chat.sidebar.getByRole('button', { name: /^Options for/ }),
  ];
  for (const trigger of triggers) {
    for (const key of ['Enter', ' ', 'ArrowDown', 'ArrowUp']) {
      await trigger.focus();
      await page.keyboard.press(key);
      await expect(page.getByRole('menu').locator('[role^="menuitem"]').first()).toBeFocused();
      await page.keyboard.press('Escape');
      await expect(page.getByRole('menu')).toBeHidden();
      await expect(trigger).toBeFocused();
    }
    await trigger.click();
    await expect(page.getByRole('menu')).toBeVisible();
    await expect(page.getByRole('menu').locator('[role^="menuitem"]').first()).not.toBeFocused();
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().include('[role="menu"]').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toBeHidden();
  }
});

test('the theme can be chosen in the account menu, also by keyboard', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.openAccountMenu();
  await expect(page.getByRole('menuitemradio')).toHaveCount(3);
  await expect(page.getByRole('menuitemradio', { name: 'System' })).toBeChecked();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitemradio', { name: 'Dark' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveClass(/dark/);
  await expect(page.getByRole('menu')).toBeVisible();
  await page.getByRole('menuitemradio', { name: 'Light' }).click();
  await expect(page.locator('html')).not.toHaveClass(/dark/);
});

test('a conversation can be renamed from its menu, and a half-typed title can be cancelled', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Hello.');
  const rename = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Options for this conversation' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await expect(page.getByRole('textbox', { name: 'Conversation title' })).toBeFocused();
  };
  await rename();
  await page.keyboard.type('A title of my own');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'A title of my own' })).toBeVisible();
  await expect(chat.inSidebar('A title of my own')).toBeVisible();
  await rename();
  await page.keyboard.type('Never mind');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { level: 1, name: 'A title of my own' })).toBeVisible();
});
