import { z } from 'zod';
import { type Role, ROLES } from './team/roles.js';

/** A UUID of any version, converted to lower case: SQLite compares ids as text, PostgreSQL as values. */
export const uuid = z.uuid().toLowerCase();

/**
 * The parsed name of a stream.
 * `conversation:<id>` is readable by the owner of the conversation, `user:<id>` by that user, `team:<role>` by everybody
 * with this role, `admin` by all admins.
 */
export type StreamName =
  | { readonly kind: 'conversation'; readonly id: string }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'team'; readonly role: Role }
  | { readonly kind: 'admin' };

export const conversationStream = (id: string): string => `conversation:${id}`;
export const userStream = (id: string): string => `user:${id}`;
export const teamStream = (role: Role): string => `team:${role}`;
export const ADMIN_STREAM = 'admin';

/** Parses the name of a stream; `undefined` when it is not valid. */
export function parseStreamName(name: string): StreamName | undefined {
  if (name === ADMIN_STREAM) return { kind: 'admin' };
  const teamRole = ROLES.find((role) => name === teamStream(role));
  if (teamRole) return { kind: 'team', role: teamRole };
  const [, kind, raw] = /^(conversation|user):(.+)$/.exec(name) ?? [];
  const id = uuid.safeParse(raw);
  // Only the lower-case spelling is valid, since rooms and cursors compare names as text.
  if (!id.success || id.data !== raw) return undefined;
  return kind === 'user' ? { kind: 'user', id: id.data } : { kind: 'conversation', id: id.data };
}
