import { randomUUID } from 'node:crypto';

export interface Person {
  readonly email: string;
  readonly name: string;
}

/** One of the local provider's own accounts; an admin from the first sign-in. */
export const ADA: Person = { email: 'ada@example.com', name: 'Ada Lovelace' };

/** A new user, so that tests on one server do not affect each other. */
export function newPerson(firstName = 'Mary'): Person {
  const id = randomUUID().slice(0, 8);
  return { email: `${firstName.toLowerCase()}.${id}@example.com`, name: `${firstName} ${id}` };
}
