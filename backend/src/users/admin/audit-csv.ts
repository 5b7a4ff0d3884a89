import { pipeline } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { dateOf } from '../../clock.js';
import { type AuditEntry, outcomeOf } from '../../protocol/index.js';

/** The columns of the file, in this order, also its first line. */
const AUDIT_COLUMNS = [
  'time',
  'actor',
  'action',
  'outcome',
  'target',
  'address',
  'request',
  'detail',
  'actor_id',
  'target_id',
  'id',
] as const;

/**
 * Writes entries as CSV (RFC 4180) while they are read. Times are in ISO 8601, UTC; `detail` is JSON. A cell that a
 * spreadsheet would calculate, since people choose their own addresses, gets an apostrophe in front of it (OWASP, CSV
 * injection).
 */
export async function writeAuditCsv(entries: AsyncIterable<AuditEntry>, to: Writable): Promise<void> {
  // The mark in front makes spreadsheets read UTF-8.
  const csv = stringify({ header: true, columns: [...AUDIT_COLUMNS], escape_formulas: true, bom: true });
  await pipeline(linesOf(entries), csv, to);
}

async function* linesOf(
  entries: AsyncIterable<AuditEntry>,
): AsyncGenerator<Record<(typeof AUDIT_COLUMNS)[number], string>> {
  for await (const entry of entries) {
    yield {
      time: dateOf(entry.at).toISOString(),
      actor: entry.actorEmail ?? '',
      action: entry.action,
      outcome: outcomeOf(entry.action),
      target: entry.targetEmail ?? '',
      address: entry.address ?? '',
      request: entry.requestId ?? '',
      detail: JSON.stringify(entry.detail),
      actor_id: entry.actorId ?? '',
      target_id: entry.targetId ?? '',
      id: entry.id,
    };
  }
}
