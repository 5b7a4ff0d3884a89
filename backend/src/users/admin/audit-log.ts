import type { InferKyselyDB } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { type Expression, type ExpressionBuilder, sql, type SqlBool } from 'kysely';
import { z } from 'zod';
import { Database } from '../../database/database.js';
import { AUDIT_OUTCOMES, type AuditEntry as AuditEntryView, type Page, plainText, uuid } from '../../protocol/index.js';
import { viewAuditEntry } from '../user.views.js';
import { AuditEntry, type AuditEntrySchema } from './audit-entry.entity.js';
import { pageCursor, pageLimit, pageOf } from './page-cursor.js';
import { searchPattern } from './search-text.js';

/** A person of the audit: the id of an account, or an e-mail as it was at the time of the entry, in any case. */
const person = plainText.trim().min(1).max(320);
const instant = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Which entries are listed; times are in milliseconds since 1970, `from` inclusive and `to` exclusive. */
export const auditFilters = z.strictObject({
  /** Who has acted, or whom it was about. */
  person: person.optional(),
  /** Who has acted. */
  actor: person.optional(),
  /** An act such as `user.disabled`, or all acts of an area such as `user`. */
  action: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)?$/)
    .max(100)
    .optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  from: instant.optional(),
  to: instant.optional(),
  q: plainText.trim().max(200).optional(),
});
export type AuditFilters = z.infer<typeof auditFilters>;
export const auditQuery = auditFilters.extend({ cursor: pageCursor.optional(), limit: pageLimit });

/** How many entries of a long list are read at a time. */
const AT_A_TIME = 500;

type Builder = ExpressionBuilder<InferKyselyDB<typeof AuditEntrySchema>, 'audit'>;

/** Reads the audit, newest first. Entries that are added in the meantime do not shift the pages. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: Database) {}

  async page({ cursor, limit, ...filters }: z.infer<typeof auditQuery>): Promise<Page<AuditEntryView>> {
    return pageOf(await this.read(filters, cursor, limit + 1), limit, (entry) => entry);
  }

  /** All entries that match, read in steps as they are taken. */
  async *all(filters: AuditFilters): AsyncGenerator<AuditEntryView> {
    let after: string | undefined;
    do {
      const entries: readonly AuditEntryView[] = await this.read(filters, after, AT_A_TIME);
      yield* entries;
      after = entries.length === AT_A_TIME ? entries.at(-1)?.id : undefined;
    } while (after !== undefined);
  }

  private read(filters: AuditFilters, after: string | undefined, limit: number): Promise<AuditEntryView[]> {
    return this.database.readAside(
      async (em) => {
        const found = await em
          .getKysely<InferKyselyDB<typeof AuditEntrySchema>>()
          .selectFrom('audit')
          .select('id')
          .where((builder) => builder.and(conditions(builder, filters)))
          .$if(after !== undefined, (query) => query.where('id', '<', after ?? ''))
          .orderBy('id', 'desc')
          .limit(limit)
          .execute();
        const rows = await em.find(AuditEntry, { id: { $in: found.map(({ id }) => id) } }, { orderBy: { id: 'desc' } });
        return rows.map(viewAuditEntry);
      },
      { isLong: true },
    );
  }
}

function conditions(builder: Builder, filters: AuditFilters): Expression<SqlBool>[] {
  const { person: someone, actor, action, outcome, from, to, q } = filters;
  return [
    ...(someone === undefined ? [] : [builder.or([isActor(builder, someone), isTarget(builder, someone)])]),
    ...(actor === undefined ? [] : [isActor(builder, actor)]),
    ...(action === undefined ? [] : [builder.or([builder('action', '=', action), isLike(`${action}.`, 'after')])]),
    ...(outcome === undefined || outcome === 'done' ? [] : [isLike(`.${outcome}`, 'before')]),
    ...(outcome === 'done'
      ? AUDIT_OUTCOMES.filter((other) => other !== 'done').map((other) => builder.not(isLike(`.${other}`, 'before')))
      : []),
    ...(from === undefined ? [] : [builder('at', '>=', from)]),
    ...(to === undefined ? [] : [builder('at', '<', to)]),
    ...(q ? [sql<SqlBool>`search_text like ${searchPattern(q)} escape '\\'`] : []),
  ];
}

const isActor = (builder: Builder, value: string): Expression<SqlBool> =>
  uuid.safeParse(value).success
    ? builder('actor_id', '=', value)
    : sql<SqlBool>`lower(actor_email) = ${value.toLowerCase()}`;

const isTarget = (builder: Builder, value: string): Expression<SqlBool> =>
  uuid.safeParse(value).success
    ? builder('target_id', '=', value)
    : sql<SqlBool>`lower(target_email) = ${value.toLowerCase()}`;

/** Whether the name of the act has a text, with anything before or after it. */
function isLike(text: string, anything: 'before' | 'after'): Expression<SqlBool> {
  const escaped = text.replaceAll('_', String.raw`\_`);
  const pattern = anything === 'before' ? `%${escaped}` : `${escaped}%`;
  return sql<SqlBool>`action like ${pattern} escape '\\'`;
}
