import { dateOf } from '../clock.js';
import type { AdminUser, Role } from '../protocol/index.js';
import { type UserDirectory, usersQuery } from '../users/admin/user-directory.js';

/** Which users are listed; without a filter all of them. */
export interface UserFilter {
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
  /** A part of the name or of the e-mail. */
  readonly q?: string | undefined;
}

const PAGE = 100;

/** The users as admins see them, the newest first. They are read a page at a time. */
export async function* listUsers(
  directory: UserDirectory,
  { role, disabled, q }: UserFilter,
): AsyncGenerator<AdminUser> {
  for (let cursor: string | null = null; ;) {
    const page = await directory.users(usersQuery.parse({ limit: PAGE, q, ...(cursor !== null && { cursor }) }));
    for (const user of page.items) {
      const fits = (role === undefined || user.role === role) && (disabled === undefined || user.disabled === disabled);
      if (fits) yield user;
    }
    if (page.nextCursor === null) return;
    cursor = page.nextCursor;
  }
}

/** One JSON array, an object in each line. */
export async function* asJson(users: AsyncIterable<AdminUser>): AsyncGenerator<string> {
  let before = '[';
  for await (const user of users) {
    yield `${before}\n${JSON.stringify(user)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

/** A line for each user, with columns between two spaces. */
export async function* asTable(users: AsyncIterable<AdminUser>): AsyncGenerator<string> {
  yield lineOf(['ID', 'ROLE', 'STATUS', 'LAST SEEN', 'E-MAIL', 'NAME']);
  for await (const { id, role, disabled, lastSeenAt, email, name } of users) {
    const seen = lastSeenAt === null ? 'never' : `${dateOf(lastSeenAt).toISOString().slice(0, 16)}Z`;
    yield lineOf([id, role, disabled ? 'disabled' : 'active', seen, email, name]);
  }
}

const WIDTHS = [36, 7, 8, 17, 30];

/** Without control characters, which a terminal would carry out. */
const lineOf = (cells: readonly string[]): string =>
  `${cells.map((cell, column) => cell.replaceAll(/\p{C}/gu, '?').padEnd(WIDTHS[column] ?? 0)).join('  ')}\n`;
