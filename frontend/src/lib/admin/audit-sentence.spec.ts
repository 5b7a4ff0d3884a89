import { expect, it } from 'vitest';
import type { AuditEntry } from '#protocol';
import { auditSentence } from './audit-sentence.ts';

const entry = (change: Partial<AuditEntry>): AuditEntry => ({
  id: '01970000-0000-7000-8000-000000000000',
  at: 0,
  actorId: '01970000-0000-7000-8000-000000000001',
  actorEmail: 'ada@example.com',
  action: 'user.disabled',
  targetId: '01970000-0000-7000-8000-000000000002',
  targetEmail: 'grace@example.com',
  detail: {},
  ...change,
});
const read = (change: Partial<AuditEntry>): string =>
  auditSentence(entry(change))
    .map(({ text }) => text)
    .join('');

it.each<[Partial<AuditEntry>, string]>([
  [
    { action: 'user.role_changed', detail: { from: 'user', to: 'admin' } },
    'ada@example.com changed the role of grace@example.com from user to admin',
  ],
  [
    {
      action: 'user.role_changed',
      actorId: null,
      actorEmail: null,
      detail: { from: 'user', to: 'admin', reason: 'ADMIN_EMAILS' },
    },
    'ADMIN_EMAILS changed the role of grace@example.com from user to admin',
  ],
  [{ action: 'user.disabled' }, 'ada@example.com disabled the account of grace@example.com'],
  [
    { action: 'user.enabled', actorEmail: null, actorId: null },
    'The command line enabled the account of grace@example.com',
  ],
  [{ action: 'quota.raised' }, 'ada@example.com: quota raised on grace@example.com'],
  [{ action: 'backup', targetEmail: null }, 'ada@example.com: backup'],
])('%j reads as "%s"', (change, sentence) => expect(read(change)).toBe(sentence));
