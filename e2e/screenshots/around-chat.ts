import { ADA, type Person } from '../support/people.ts';
import { chooseRole } from '../support/roles.ts';
import { signIn } from '../support/sign-in.ts';
import type { Studio } from './studio.ts';

const GRACE: Person = { email: 'grace@example.com', name: 'Grace Hopper' };
const OTHERS: readonly Person[] = [
  { email: 'katherine@example.com', name: 'Katherine Johnson' },
  { email: 'edsger@example.com', name: 'Edsger Dijkstra' },
  { email: 'barbara@example.com', name: 'Barbara Liskov' },
];

/** The pages for users who are not signed in. */
export async function photographDoor(studio: Studio): Promise<void> {
  const page = await studio.newPage();
  await page.goto('/login');
  const enter = page.getByRole('button', { name: 'Continue with Google' });
  await enter.waitFor();
  await page.getByText('With the local sign-in').waitFor();
  await studio.photograph(page, 'login');
  await page.goto('/login-failed?error=access_denied');
  await page.getByRole('alert').waitFor();
  await studio.photograph(page, 'login-failed');
  await page.goto('/login');
  await enter.click();
  await page.getByRole('heading', { name: 'Choose an account' }).waitFor();
  await studio.photograph(page, 'account-picker');
  await page.context().close();
}

/** The page of a pending user; afterwards there are users to administrate. */
export async function photographWaiting(studio: Studio): Promise<void> {
  for (const person of OTHERS) {
    const page = await studio.newPage();
    await signIn(page, person);
    await page.getByRole('heading', { name: 'Your account is waiting for approval' }).waitFor();
    if (person === OTHERS.at(-1)) await studio.photograph(page, 'pending');
    else await page.context().close();
  }
}

export async function photographAdministration(studio: Studio): Promise<void> {
  const grace = await studio.newPage();
  await signIn(grace, GRACE);
  const admin = await studio.newPage();
  await signIn(admin, ADA, '/admin/users');
  await chooseRole(admin, GRACE, 'User');
  for (const person of OTHERS.slice(0, 2)) await chooseRole(admin, person, 'User');
  await chooseRole(admin, GRACE, 'Admin');
  await admin.getByRole('button', { name: `Role of ${GRACE.name}: Admin` }).waitFor();
  await studio.photograph(admin, 'admin-users');
  await admin.goto('/admin/audit');
  await admin.getByText('changed the role of').first().waitFor();
  await studio.photograph(admin, 'admin-audit');
  await admin.goto('/admin/users');
  await chooseRole(admin, GRACE, 'User');
  await grace.goto('/admin/users');
  await grace.getByRole('heading', { name: 'You do not have access to this page' }).waitFor();
  await studio.photograph(grace, 'forbidden');
  await admin.context().close();
}
