import { Chat } from '../support/chat.ts';
import { ADA } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import type { Studio } from './studio.ts';

/** The chat, and the pages around it that belong to one user. */
export async function photographChat(studio: Studio): Promise<void> {
  const page = await studio.newPage();
  await signIn(page, ADA);
  const chat = new Chat(page);
  await chat.composer.waitFor();
  for (const question of ['Plan a week in Lisbon', 'Which index does this query need?']) {
    await chat.ask(`/fast ${question}`);
    // The generated title has no command in front.
    await page.getByRole('heading', { level: 1, name: new RegExp(`^${question.slice(0, 12)}`) }).waitFor();
    await page.goto('/chat');
  }
  await chat.composer.waitFor();
  await studio.photograph(page, 'chat-empty');

  await chat.ask('How do I debounce a function in TypeScript?');
  await page.evaluate(() => document.querySelector('figure.code')?.scrollIntoView({ block: 'center' }));
  await studio.photograph(page, 'thread-code');
  await page.goto('/chat');
  await chat.ask('What is a weighted mean, as a formula?');
  await page.evaluate(() => document.querySelector('.table-card')?.scrollIntoView({ block: 'center' }));
  await studio.photograph(page, 'thread-formula');

  await page.goto('/chat');
  await chat.send('Why does the average mislead here?');
  await chat.readUntil('Take two groups');
  await studio.photograph(page, 'streaming');
  await chat.stopButton.click();
  await chat.finished();
  if (studio.isPhone) {
    await page.getByRole('button', { name: 'Open sidebar' }).click();
    await chat.sidebar.waitFor();
    await studio.photograph(page, 'drawer');
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await studio.photograph(page, 'palette');
  await page.goto('/profile');
  await page.getByText('This device').waitFor();
  await studio.photograph(page, 'profile');
  await page.goto('/no/such/page');
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await studio.photograph(page, 'not-found');
  await page.context().close();
}

/** The page when a model fails, and without a network. */
export async function photographTrouble(studio: Studio): Promise<void> {
  const page = await studio.newPage();
  await signIn(page, ADA);
  const chat = new Chat(page);
  await chat.send('/truncate 90 What happens when a model breaks off?');
  await chat.thread.getByRole('alert').waitFor();
  await studio.photograph(page, 'failed');
  await page.goto('/chat');
  await chat.ask('How do I debounce a search field?');
  studio.network.cut();
  await page.context().setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await chat.send('This one waits until I am back online.');
  await page.getByText('Will be sent when you are back online').waitFor();
  await studio.photograph(page, 'offline');
  await page.context().close();
  studio.network.mend();
}
