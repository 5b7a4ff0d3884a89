import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { SCREENS } from '../support/screens.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('the composer is never shown for a conversation that does not exist', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.composer.waitFor();
  // Records whether the composer is visible in any frame from the first one on.
  await page.addInitScript(() => {
    const look = (): void => {
      const field = document.querySelector<HTMLElement>('textarea[name="message"]');
      if (field?.checkVisibility({ visibilityProperty: true })) document.documentElement.dataset['written'] = 'yes';
      requestAnimationFrame(look);
    };
    look();
  });
  await page.goto(`/chat/${crypto.randomUUID()}`);
  await expect(page.getByText('Conversation not found')).toBeVisible();
  await expect(page.locator('html[data-written]')).toHaveCount(0);
  await page.goto('/chat');
  await expect(page.locator('html[data-written]')).toHaveCount(1);
});

test('an installed page respects the safe areas of a phone', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, ...SCREENS.phone });
  const page = await context.newPage();
  await signIn(page, newPerson());
  const [top, bottom, left, right] = [59, 34, 20, 24];
  const device = await context.newCDPSession(page);
  await device.send('Emulation.setSafeAreaInsetsOverride', { insets: { top, bottom, left, right } });
  const chat = new Chat(page);
  await chat.ask('/echo Hello.');
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  for (const part of [
    page.getByRole('button', { name: 'Open sidebar' }),
    page.getByRole('link', { name: 'New conversation' }),
    chat.composer,
    chat.sendButton,
    page.getByRole('button', { name: 'Model: ' }),
  ]) {
    const box = await part.boundingBox();
    expect(box).not.toBeNull();
    if (!box) continue;
    expect(box.y).toBeGreaterThanOrEqual(top);
    expect(box.x).toBeGreaterThanOrEqual(left);
    expect(box.x + box.width).toBeLessThanOrEqual(width - right);
    expect(box.y + box.height).toBeLessThanOrEqual(height - bottom);
  }
  await context.close();
});
