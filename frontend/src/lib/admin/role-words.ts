import type { Role } from '#protocol';

interface RoleWords {
  readonly name: string;
  readonly meaning: string;
}

/** How roles are called on the page, the least first. */
export const ROLE_WORDS: Readonly<Record<Role, RoleWords>> = {
  pending: { name: 'Pending', meaning: 'Waits to be let in' },
  user: { name: 'User', meaning: 'May chat' },
  admin: { name: 'Admin', meaning: 'May chat, and look after users' },
};
