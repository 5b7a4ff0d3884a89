import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

interface Given {
  readonly name: string;
  readonly content: string;
  readonly type?: string;
}

/** Simulates pasting or dropping files. */
async function give(
  page: Page,
  how: 'paste' | 'drop',
  selector: string,
  files: readonly Given[],
  text = '',
): Promise<void> {
  await page.locator(selector).evaluate(
    (element, [kind, given, plain]) => {
      const data = new DataTransfer();
      for (const { name, content, type } of given) data.items.add(new File([content], name, { type: type ?? '' }));
      if (plain !== '') data.setData('text/plain', plain);
      const options = { bubbles: true, cancelable: true };
      if (kind === 'paste') {
        element.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
        return;
      }
      for (const type of ['dragenter', 'dragover', 'drop']) {
        element.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: data }));
      }
    },
    [how, files, text] as const,
  );
}

for (const how of ['paste', 'drop'] as const) {
  test(`the text of a file becomes part of the message by ${how}, and other files are refused with a message`, async ({
    page,
  }) => {
    await signIn(page, newPerson());
    const { composer } = new Chat(page);
    await composer.fill('Look at this: ');
    await give(page, how, 'textarea[name=message]', [
      { name: 'notes.txt', content: 'Line one.\nLine two.\n', type: 'text/plain' },
    ]);
    await expect(composer).toHaveValue('Look at this: Line one.\nLine two.');
    await page.keyboard.press('Control+Z');
    await expect(composer).toHaveValue('Look at this: ');
    await give(page, how, 'textarea[name=message]', [{ name: 'tick.py', content: 'def tick():\n    pass\n' }]);
    await expect(composer).toHaveValue('Look at this: tick.py:\n```py\ndef tick():\n    pass\n```');
    await give(page, how, 'textarea[name=message]', [
      { name: 'photo.png', content: '\u0000\u0001', type: 'image/png' },
    ]);
    await expect(page.getByText('“photo.png” cannot be added. Only text files can')).toBeVisible();
    await give(page, how, 'textarea[name=message]', [
      { name: 'long.csv', content: 'a,b\n'.repeat(20_000), type: 'text/csv' },
    ]);
    await expect(page.getByText('“long.csv” is too long')).toBeVisible();
    await expect(composer).toHaveValue(/^Look at this: tick\.py/);
  });
}

test('a file that is pasted with a text, like cells of a spreadsheet, is pasted as that text', async ({ page }) => {
  await signIn(page, newPerson());
  await give(
    page,
    'paste',
    'textarea[name=message]',
    [{ name: 'image.png', content: '\u0000', type: 'image/png' }],
    'a\tb',
  );
  await expect(page.getByText('cannot be added')).toBeHidden();
});

test('a file dropped outside the composer does not replace the page', async ({ page }) => {
  await signIn(page, newPerson(), '/profile');
  await give(page, 'drop', 'main', [{ name: 'a.txt', content: 'text' }]);
  await expect(page.getByText('Files cannot be dropped here.')).toBeVisible();
  await page.goto('/chat');
  await expect(new Chat(page).composer).toBeVisible();
  await give(page, 'drop', 'main', [{ name: 'a.txt', content: 'text' }]);
  await expect(new Chat(page).composer).toHaveValue('text');
});
