import type { Page } from '@playwright/test';
import { ADA } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { limitTokens } from '../team/limit-tokens.ts';
import { seedUsage } from '../team/seed-usage.ts';
import type { Studio } from './studio.ts';

const DAYS = 40;
/** A public address, as the form wants one. It is never asked: no reply ends after these pictures. */
const RECEIVER = 'https://[2606:4700::6810:84e5]/lockstep';

/** What admins do for a team: use, budgets, models, announcements, invitations and webhooks. */
export async function photographTeam(studio: Studio): Promise<void> {
  const page = await studio.newPage();
  await signIn(page, ADA, '/admin/dashboard');
  seedUsage(studio.databasePath, ADA.email, DAYS);
  await page.reload();
  await page.getByRole('button', { name: '30 days' }).click();
  await page.getByRole('region', { name: 'Tokens' }).locator('canvas').first().waitFor();
  await studio.photograph(page, 'admin-dashboard');
  await page.goto('/admin/usage');
  await page.getByRole('row', { name: ADA.name }).waitFor();
  await studio.photograph(page, 'admin-usage');

  await page.goto('/admin/budgets');
  await limitTokens(page, 'User', 200_000);
  await studio.photograph(page, 'admin-budgets');
  await photographModels(studio, page);
  await page.goto('/admin/announcements');
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill('The chat is updated tonight at ten.');
  await page.getByRole('button', { name: 'Show announcement' }).click();
  await page.getByText('The announcement is shown.').waitFor();
  await studio.photograph(page, 'admin-announcements');
  await page.goto('/admin/invitations');
  await page.getByLabel('Email address').fill('margaret@example.com');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('margaret@example.com is invited').waitFor();
  await studio.photograph(page, 'admin-invitations');
  await page.goto('/admin/webhooks');
  await addWebhook(page);
  await studio.photograph(page, 'admin-webhooks');

  await page.goto('/admin/users');
  await page.getByRole('link', { name: ADA.name }).click();
  await page.getByRole('heading', { name: ADA.name }).waitFor();
  await page.getByRole('region', { name: 'Usage' }).waitFor();
  await studio.photograph(page, 'admin-person');
  await page.context().close();
}

/** What programs of a person use. */
export async function photographPrograms(studio: Studio): Promise<void> {
  const page = await studio.newPage();
  await signIn(page, ADA, '/profile');
  const tokens = page.getByRole('region', { name: 'Access tokens' });
  await tokens.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name', { exact: true }).last().fill('Nightly summary');
  await page.getByRole('button', { name: 'Create token' }).click();
  await tokens.getByLabel('Access token', { exact: true }).waitFor();
  await tokens.scrollIntoViewIfNeeded();
  await studio.photograph(page, 'access-token');
  await page.goto('/profile/webhooks');
  await addWebhook(page);
  await studio.photograph(page, 'webhooks');
  await page.context().close();
}

async function photographModels(studio: Studio, page: Page): Promise<void> {
  await page.goto('/admin/models');
  await page.getByRole('button', { name: 'Change who may use' }).first().click();
  await page.getByRole('radio', { name: 'Only these:' }).check();
  await studio.photograph(page, 'admin-models');
  await page.goto('/admin/system');
  await page.getByText('Checked at').waitFor();
  await studio.photograph(page, 'admin-system');
}

async function addWebhook(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = page.getByRole('form', { name: 'New webhook' });
  await form.getByLabel('Name').fill('Build server');
  await form.getByLabel('Address').fill(RECEIVER);
  await form.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByLabel('Secret', { exact: true }).waitFor();
}
