import { Chat } from '../support/chat.ts';
import { ADA } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import type { Studio } from './studio.ts';

const DIAGRAM = [
  '/echo ```mermaid',
  'flowchart LR',
  '  Composer --> Outbox --> Server',
  '  Server -- commit --> Log[(Log)]',
  '  Log --> Laptop & Phone',
  '```',
].join('\n');

/** Features beyond sending: queued messages, models, search, the archive, undo. */
export async function photographUse(studio: Studio): Promise<void> {
  const page = await studio.newPage();
  await signIn(page, ADA);
  const chat = new Chat(page);
  await chat.ask(DIAGRAM);
  await chat.thread.getByRole('img').first().waitFor();
  await studio.photograph(page, 'thread-diagram');

  await page.getByRole('button', { name: /^Model: / }).click();
  await page.getByRole('menu', { name: 'Model' }).waitFor();
  await studio.photograph(page, 'model-menu');
  await page.getByRole('menuitem', { name: 'Instructions and parameters' }).click();
  const settings = page.getByRole('dialog', { name: 'Instructions and parameters' });
  await settings.getByLabel('Instructions', { exact: true }).fill('Answer in one sentence, and name your source.');
  await studio.photograph(page, 'settings');
  await page.keyboard.press('Escape');
  await settings.waitFor({ state: 'hidden' });

  await page.goto('/chat');
  await chat.send('/slow Why does the average mislead here?');
  await chat.readUntil(/\w/);
  await chat.send('And which number would not?');
  await chat.send('Show me both as a table.');
  await page.getByText('Will be sent when the reply is finished').nth(1).waitFor();
  await studio.photograph(page, 'queue');
  const waiting = chat.ownMessages.filter({ hasText: 'Will be sent when the reply is finished' });
  for (let left = 2; left > 0; left -= 1) {
    await waiting.first().getByRole('button', { name: 'Remove' }).click();
    await waiting.nth(left - 1).waitFor({ state: 'detached' });
  }
  await chat.stopButton.click();
  await chat.thread.getByText('You stopped this reply.').waitFor();
  await studio.photograph(page, 'stopped');

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('average mislead');
  await page.getByRole('option').locator('mark').first().waitFor();
  await studio.photograph(page, 'search');
  await page.getByRole('combobox').fill('zzyzx');
  await page.getByText('No results for').waitFor();
  await studio.photograph(page, 'search-nothing');
  await page.keyboard.press('Escape');

  await page.goto('/archive');
  await page.getByRole('main').waitFor();
  await page.getByText('No archived conversations').first().waitFor();
  await studio.photograph(page, 'archive-empty');
  await page.goto('/profile');
  await page.getByRole('heading', { name: 'Usage' }).scrollIntoViewIfNeeded();
  await studio.photograph(page, 'usage');
  await page.goto('/chat');
  await chat.composer.waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('main').click({ position: { x: 5, y: 80 } });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await studio.photograph(page, 'keys');
  await page.context().close();
}
