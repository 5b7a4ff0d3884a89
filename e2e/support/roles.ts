import type { Page } from '@playwright/test';
import type { Person } from './people.ts';

/** Chooses a role in the table of users, and returns the time of the click by the clock of the page. */
export async function chooseRole(admin: Page, person: Person, role: string): Promise<number> {
  await admin.getByRole('button', { name: `Role of ${person.name}` }).click();
  const item = admin.getByRole('menuitemradio', { name: new RegExp(`^${role}`) });
  const clicked = await item.evaluateHandle((element) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    element.addEventListener('click', () => resolve(Date.now()), { capture: true, once: true });
    return { promise };
  });
  await item.click();
  const at = await clicked.evaluate(({ promise }) => promise);
  await admin.getByRole('button', { name: `Role of ${person.name}: ${role}` }).waitFor();
  return at;
}
