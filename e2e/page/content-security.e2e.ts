import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { ADA, newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

/** Every kind of block that the page draws, with attacks that a model may try in each. */
const EVERYTHING = [
  '# Title <img src=x onerror=alert(1)>',
  'Text with **bold**, `code`, $a^2$, a [link](https://example.org "title"), ![image](https://example.org/a.png) and <kbd>Ctrl</kbd>.',
  '<div style="color:red" onclick="alert(1)">html</div>',
  '<style>body { display: none }</style>',
  '<base href="https://evil.example/">',
  '- [x] done\n- [ ] open',
  '1. one\n   1. two',
  '> [!NOTE]\n> A note.',
  '| a | b |\n| :- | -: |\n| 1 | 2 |',
  '```ts\nconst a: number = 1; // comment\n```',
  '```html\n<p onclick="x()" style="y">z</p>\n```',
  '$$\n\\frac{\\sqrt{a}}{\\overbrace{b}^{c}} \\color{red}{x} \\href{javascript:alert(1)}{y}\n$$',
  '```mermaid\nflowchart LR\n  A[One] -->|label| B{Two}\n  click A "https://example.org"\n  style A fill:#f9f,stroke:#333\n```',
  '```mermaid\nsequenceDiagram\n  A->>B: Hello\n  B-->>A: Hi\n```',
  '```mermaid\npie title Pets\n  "Dogs" : 3\n  "Cats" : 2\n```',
  '```mermaid\nclassDiagram\n  A <|-- B\n```',
  '```mermaid\ngantt\n  title G\n  section S\n  Task :a1, 2024-01-01, 30d\n```',
  '```mermaid\nmindmap\n  root((m))\n    a\n    b\n```',
  '```mermaid\nflowchart LR\n  A["<img src=x onerror=alert(1)>"] --> B["<b onclick=alert(1)>bold</b>"]\n  click A call alert()\n  click B href "javascript:alert(1)"\n```',
  '```mermaid\nsequenceDiagram\n  participant A as <img src=x onerror=alert(1)>\n  A->>A: <svg onload=alert(1)>\n```',
  '```mermaid\n%%{init: {"securityLevel": "loose", "htmlLabels": true}}%%\nflowchart LR\n  A["<a href=# onmouseover=alert(1)>x</a>"]\n```',
  '```mermaid\nclassDiagram\n  class A["<i onclick=alert(1)>"]\n  note for A "<img src=y onerror=alert(1)>"\n```',
  '```mermaid\nstateDiagram-v2\n  s1 : <img src=z onerror=alert(1)>\n  s1 --> s2 : <b style="x" onclick=a()>t</b>\n```',
  '```mermaid\nmindmap\n  root["<img src=x onerror=alert(1)>"]\n    `**bold** <img src=x onerror=alert(2)>`\n```',
  '```mermaid\nnot a diagram <img src=x onerror=alert(1)>\n```',
  'Footnote[^1].\n\n[^1]: The note.',
  '<details><summary>More</summary>\n\nText\n\n</details>',
  'The end of everything.',
].join('\n\n');

/** Collects violations that the browser reports, as events and in its console, from the first script on. */
async function reportsOf(page: Page): Promise<string[]> {
  const reports: string[] = [];
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) reports.push(message.text());
  });
  await page.exposeFunction('reportViolation', (text: string) => reports.push(text));
  await page.addInitScript(() => {
    addEventListener(
      'securitypolicyviolation',
      ({ violatedDirective, blockedURI, sourceFile, lineNumber, columnNumber, sample }) => {
        const text = `${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}:${columnNumber} ${sample}`;
        (globalThis as unknown as { reportViolation(text: string): void }).reportViolation(text);
      },
    );
  });
  return reports;
}

test('Content-Security-Policy reports nothing while every kind of Markdown is drawn', async ({ page }) => {
  const reports = await reportsOf(page);
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send(`/echo ${EVERYTHING}`);
  await chat.finished();
  await expect(chat.replyText).toContainText('The end of everything.');
  // A diagram is drawn when it comes into view, and replaces its code there.
  const blocks = chat.replyText.locator('pre');
  await expect(async () => {
    for (let n = 0; n < (await blocks.count()); n++) await blocks.nth(n).scrollIntoViewIfNeeded();
  }).toPass();
  const drawn = chat.replyText.getByRole('region', { name: 'Diagram' });
  await expect.poll(() => drawn.count()).toBeGreaterThan(8);
  await page.waitForLoadState('networkidle');
  await page.reload();
  await expect(chat.replyText).toContainText('The end of everything.');
  await page.waitForLoadState('networkidle');
  expect(reports).toEqual([]);
});

test('Content-Security-Policy reports nothing on any page', async ({ page }) => {
  const reports = await reportsOf(page);
  await page.goto('/login-failed?error=provider_misconfigured');
  await expect(page.getByRole('link', { name: 'Back to the sign-in' })).toBeVisible();
  await signIn(page, ADA);
  for (const path of ['/profile', '/archive', '/admin/users', '/admin/audit', '/admin/dashboard', '/no/such/page']) {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
  }
  expect(reports).toEqual([]);
});

test('Content-Security-Policy refuses a foreign base URL', async ({ page }) => {
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Continue with Google' })).toBeVisible();
  const base = await page.evaluate(() => {
    const element = document.createElement('base');
    element.href = 'https://evil.example/';
    document.head.append(element);
    return document.baseURI;
  });
  expect(base).not.toContain('evil.example');
});
