import { z } from 'zod';

/** A UUID in any version, folded to lower case: SQLite compares text, PostgreSQL compares values. */
export const uuid = z.uuid().toLowerCase();

/**
 * Which stream of events somebody listens to.
 * `conversation:<id>` belongs to its owner, `user:<id>` to that user, `admin` to every admin.
 */
export type StreamName =
  | { readonly kind: 'conversation'; readonly id: string }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'admin' };

export const conversationStream = (id: string): string => `conversation:${id}`;
export const userStream = (id: string): string => `user:${id}`;
export const ADMIN_STREAM = 'admin';

/** Reads a stream's name; `undefined` for anything that is not one. */
export function parseStreamName(name: string): StreamName | undefined {
  if (name === ADMIN_STREAM) return { kind: 'admin' };
  const [, kind, raw] = /^(conversation|user):(.+)$/.exec(name) ?? [];
  const id = uuid.safeParse(raw);
  // One spelling each: rooms and cursors compare names as text.
  if (!id.success || id.data !== raw) return undefined;
  return kind === 'user' ? { kind: 'user', id: id.data } : { kind: 'conversation', id: id.data };
}
