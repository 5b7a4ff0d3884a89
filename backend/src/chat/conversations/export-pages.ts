import { type RawBuilder, sql } from 'kysely';
import type { EntityManager } from '../../database/database.js';

/** The ids of messages that are read and written together. */
export type ExportPage = readonly string[];

/** This many take five milliseconds to copy between threads, to map to entities and to write. */
const MESSAGES_PER_PAGE = 50;
/** Texts of this total length take as long; a longer text gets a page of its own. */
const BYTES_PER_PAGE = 256 * 1024;

/** A bound for the recursion; no branch is this long. */
const MAX_BRANCH = 100_000;

/** All messages of a conversation, the oldest first. */
export const pagesOfAll = (em: EntityManager, conversationId: string): Promise<ExportPage[]> =>
  readPages(
    em,
    sql`select id, octet_length(text) as bytes, row_number() over (order by created_at, id) as place
      from conversation_history where conversation_id = ${conversationId}`,
  );

/** The messages from the root to a leaf. */
export const pagesOfBranch = (
  em: EntityManager,
  conversationId: string,
  leafId: string | null,
): Promise<ExportPage[]> =>
  readPages(
    em,
    sql`with recursive branch (id, parent_id, bytes, place) as (
        select id, parent_id, octet_length(text), 0 from conversation_history
        where conversation_id = ${conversationId} and id = ${leafId}
        union all
        select history.id, history.parent_id, octet_length(history.text), branch.place - 1
        from branch join conversation_history history on history.id = branch.parent_id
        where branch.place > ${-MAX_BRANCH}
      )
      select id, bytes, place from branch`,
  );

/** Reads all ids as one row, since ten thousand rows would take long to copy between threads. */
async function readPages(em: EntityManager, messages: RawBuilder<unknown>): Promise<ExportPage[]> {
  const { rows } = await sql<{ list: string | null }>`
    select string_agg(cast(id as text) || ':' || cast(bytes as text), ',' order by place) as list
    from (${messages}) as messages`.execute(em.getKysely());
  const pages: string[][] = [];
  let bytes = 0;
  for (const entry of rows[0]?.list?.split(',') ?? []) {
    const [id = '', length] = entry.split(':');
    const page = pages.at(-1);
    bytes += Number(length);
    if (page && page.length < MESSAGES_PER_PAGE && bytes <= BYTES_PER_PAGE) {
      page.push(id);
    } else {
      pages.push([id]);
      bytes = Number(length);
    }
  }
  return pages;
}
