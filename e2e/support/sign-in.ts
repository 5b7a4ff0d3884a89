import { createHash, randomBytes } from 'node:crypto';
import { type APIRequestContext, type APIResponse, expect, type Page } from '@playwright/test';
import type { TokenGrant } from '#protocol';
import { ADA, type Person } from './people.ts';

const REDIRECTS: ReadonlySet<number> = new Set([302, 303]);
const MAX_REDIRECTS = 10;
/** As browsers do: the server may close a connection that waits for its next request just when that is sent. */
const AGAIN = { maxRetries: 2 };

/**
 * Opens a page as a user who has just signed in. The cookies come from the requests that the sign-in pages would make,
 * without the pages: `signInByHand` tests those.
 */
export async function signIn(page: Page, person: Person, path = '/chat'): Promise<void> {
  await fetchSession(page.request, person);
  await page.goto(path);
  await expect(page.getByRole('main')).toBeVisible();
}

/** Opens a page without being signed in, and signs in through the local provider on the way. */
export async function signInByHand(page: Page, person: Person, path = '/chat'): Promise<void> {
  await page.goto(path);
  await page.getByRole('button', { name: 'Continue with Google' }).click();
  await chooseAccount(page, person);
  await expect(page).toHaveURL((url) => url.pathname === path);
  await expect(page.getByRole('main')).toBeVisible();
}

/** Answers the local provider's question who is signing in. */
export async function chooseAccount(page: Page, person: Person): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
  if (person === ADA) {
    await page.getByRole('button', { name: person.email }).click();
    return;
  }
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Name').fill(person.name);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Signs in by the requests of the sign-in pages. @returns the first access token; the cookies are in the context */
export async function fetchSession(request: APIRequestContext, person: Person): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const accounts = await request.get(
    `/api/auth/login?${new URLSearchParams({ challenge, return: '/' }).toString()}`,
    AGAIN,
  );
  expect(await accounts.text()).toContain('Choose an account');
  const form = person === ADA ? { account: person.email } : { email: person.email, name: person.name };
  const chosen = await request.post(accounts.url(), { ...AGAIN, form, maxRedirects: 0 });
  // The code is in the fragment, which is not sent in requests.
  const arrival = await followToCallback(request, chosen);
  const code = new URLSearchParams(arrival.hash.slice(1)).get('code');
  const session = await request.post('/api/auth/exchange', { ...AGAIN, data: { code, verifier } });
  expect(session.status()).toBe(200);
  const { accessToken } = (await session.json()) as TokenGrant;
  return accessToken;
}

/** The URL of the page at the end of a sign-in. */
async function followToCallback(request: APIRequestContext, first: APIResponse): Promise<URL> {
  let response = first;
  for (let count = 0; count < MAX_REDIRECTS; count += 1) {
    if (!REDIRECTS.has(response.status())) break;
    const next = new URL(response.headers()['location'] ?? '', response.url());
    if (next.hash !== '') return next;
    response = await request.get(next.href, { ...AGAIN, maxRedirects: 0 });
  }
  throw new Error(`The sign-in ended at ${response.url()} with ${response.status()}: ${await response.text()}`);
}
