import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LOCAL_ADMIN_EMAIL } from '../../src/config/read-config.js';

/** An account of the local provider. There are no passwords: the user chooses an account. */
export interface Account {
  readonly email: string;
  readonly name: string;
}

export const OFFERED_ACCOUNTS: readonly Account[] = [
  { email: LOCAL_ADMIN_EMAIL, name: 'Ada Lovelace' },
  { email: 'grace@example.com', name: 'Grace Hopper' },
  { email: 'alan@example.com', name: 'Alan Turing' },
];

/** Public mail services: Google sends no `hd` for their addresses, because they belong to no organisation. */
const PUBLIC_DOMAINS: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com']);

const typedAccount = z.object({
  email: z.string().trim().toLowerCase().max(254).pipe(z.email('Type an e-mail address such as mary@example.com.')),
  name: z.string().trim().max(100, 'A name has 100 characters at most.'),
});

/** The response of Google's OpenID Connect userinfo endpoint. */
export interface Userinfo {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
  readonly given_name: string;
  readonly picture?: string;
  readonly hd?: string;
}

export type Choice = { readonly account: Account } | { readonly problem: string };

/** Makes an account from the form; without a name, it is taken from the e-mail address. */
export function typeAccount(fields: { email: string; name: string }): Choice {
  const parsed = typedAccount.safeParse(fields);
  if (!parsed.success) return { problem: parsed.error.issues[0]?.message ?? 'Type an e-mail address.' };
  const { email, name } = parsed.data;
  return { account: { email, name: name || nameFrom(email) } };
}

/** A number of 21 digits, like Google's subjects. The same address gets the same one, also after a restart. */
export function subjectOf(email: string): string {
  const hash = BigInt(`0x${createHash('sha256').update(email).digest('hex')}`);
  return `1${(hash % 10n ** 20n).toString().padStart(20, '0')}`;
}

/** @param pictures the address of the folder of pictures; only the offered accounts have one */
export function userinfoOf({ email, name }: Account, pictures: string): Userinfo {
  const hasPicture = OFFERED_ACCOUNTS.some((offered) => offered.email === email);
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return {
    sub: subjectOf(email),
    email,
    email_verified: true,
    name,
    given_name: name.split(' ')[0] ?? name,
    ...(hasPicture && { picture: `${pictures}/${subjectOf(email)}.png` }),
    ...(PUBLIC_DOMAINS.has(domain) ? {} : { hd: domain }),
  };
}

function nameFrom(email: string): string {
  const words = email
    .slice(0, email.lastIndexOf('@'))
    .split(/[._+-]+/)
    .filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || email;
}
