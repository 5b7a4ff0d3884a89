import { parse, stringify, validate } from 'uuid';
import { z } from 'zod';
import { type Page, plainText } from '../../protocol/index.js';

const BYTES = 16;

/**
 * The cursor of a list: the id of the last item of a page, a UUIDv7, which grows with time. It contains nothing else,
 * so a forged cursor gives access to nothing that the list itself does not show.
 */
export const pageCursor = plainText.max(100).transform((text, context) => {
  const bytes = Buffer.from(text, 'base64url');
  const id = bytes.length === BYTES ? stringifyIfValid(bytes) : undefined;
  if (id !== undefined) return id;
  context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
  return z.NEVER;
});

function stringifyIfValid(bytes: Buffer): string | undefined {
  const hex = bytes.toString('hex');
  const text = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return validate(text) ? stringify(bytes) : undefined;
}

/** The `limit` of a list: 1 to 100, by default 50. */
export const pageLimit = z.coerce.number().int().min(1).max(100).default(50);

/** Builds a page from up to `limit` + 1 rows; the extra row only shows that there is another page. */
export function pageOf<Row extends { readonly id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last ? Buffer.from(parse(last.id)).toString('base64url') : null;
  return { items: shown.map(view), nextCursor };
}
