import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('an unknown path shows an error page with a link to the chats', async ({ page }) => {
  await signIn(page, newPerson());
  const response = await page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to your conversations' }).click();
  await expect(new Chat(page).composer).toBeVisible();
});

test('an admin page tells other users why it is closed', async ({ page }) => {
  await signIn(page, newPerson(), '/admin/users');
  await expect(page.getByRole('heading', { name: 'You do not have access to this page' })).toBeVisible();
  await expect(page.getByText('Only admins can open this page.')).toBeVisible();
});

const RICH = `# A heading

| Clock | Size |
|---|---:|
| Lamport | 1 |
| Vector | n |

\`\`\`python
def tick(clock):
    return clock + 1
\`\`\`

Then $a^2 + b^2 = c^2$ holds, **always**.`;

test('Markdown of a reply becomes headings, tables, code with a copy button, and formulas', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask(`/echo ${RICH}`);
  const reply = chat.replyText;
  await expect(reply.getByRole('heading', { name: 'A heading' })).toBeVisible();
  await expect(reply.getByRole('table').getByRole('row')).toHaveText([/Clock\s*Size/, /Lamport\s*1/, /Vector\s*n/]);
  await expect(reply.locator('figure.code figcaption')).toContainText('python');
  // Coloured once the highlighter is loaded, which happens with the first code only.
  await expect(reply.locator('figure.code .hljs-keyword').first()).toHaveText('def');
  await expect(reply.locator('.katex')).toBeVisible();
  await expect(reply.locator('strong', { hasText: 'always' })).toBeVisible();
  await reply.getByRole('button', { name: 'Copy code' }).click();
  await expect(reply.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('def tick(clock):\n    return clock + 1');
});

const HOSTILE = `<img src=x onerror="window.hostile = 'image'"> <script>window.hostile = 'script'</script>

[script](javascript:window.hostile='link') [data](data:text/html,hostile) [fine](https://example.com/page)

![picture](https://example.com/pixel.png) <iframe src="https://example.com"></iframe>`;

test('HTML, scripts and URLs of a model stay text, and nothing is loaded from other hosts', async ({ page }) => {
  await signIn(page, newPerson());
  const foreign: string[] = [];
  page.on('request', (request) => request.url().includes('example.com') && foreign.push(request.url()));
  const chat = new Chat(page);
  await chat.ask(`/echo ${HOSTILE}`);
  const reply = chat.replyText;
  await expect(reply).toContainText('<script>');
  await expect(reply).toContainText('onerror');
  await expect(reply.locator('img, script, iframe')).toHaveCount(0);
  const links = reply.getByRole('link');
  await expect(links.first()).toHaveAttribute('href', 'https://example.com/page');
  await expect(links.first()).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  expect(addresses.every((address) => address.startsWith('https://'))).toBe(true);
  await reply.getByText('script', { exact: true }).first().click();
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);
  expect(foreign).toEqual([]);
});

test('a name and a theme that are changed in one tab are used in the other', async ({ page, context }) => {
  await signIn(page, newPerson());
  const second = await context.newPage();
  await second.goto('/profile');
  await page.goto('/profile');
  await page.getByRole('textbox', { name: 'Name' }).fill('Mary Shelley');
  await page.keyboard.press('Enter');
  await expect(second.getByText('Mary Shelley').first()).toBeVisible();
  await page.getByText('Dark', { exact: true }).click();
  for (const tab of [page, second]) await expect(tab.locator('html')).toHaveClass(/dark/);
});

test('another device can be signed out on the profile page', async ({ page, browser }) => {
  const person = newPerson();
  await signIn(page, person, '/profile');
  const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
  const other = await context.newPage();
  await signIn(other, person);
  await page.reload();
  await page.getByRole('button', { name: /^End session/ }).click();
  await expect(other).toHaveURL(/\/login/);
  await expect(page.getByText(person.email).first()).toBeVisible();
  await context.close();
});
