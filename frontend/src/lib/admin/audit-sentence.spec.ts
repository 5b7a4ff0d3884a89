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
  address: '203.0.113.7',
  requestId: '01970000-0000-7000-8000-000000000003',
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
  [{ action: 'user.deleted' }, 'ada@example.com deleted the account of grace@example.com'],
  [
    { action: 'user.deleted', actorId: '01970000-0000-7000-8000-000000000002', actorEmail: 'grace@example.com' },
    'grace@example.com deleted their account',
  ],
  [{ action: 'user.exported' }, 'ada@example.com exported the data of grace@example.com'],
  [{ action: 'user.disabled' }, 'ada@example.com disabled the account of grace@example.com'],
  [
    { action: 'user.enabled', actorEmail: null, actorId: null },
    'The command line enabled the account of grace@example.com',
  ],
  [
    { action: 'user.email_changed', detail: { from: 'grace@example.com', to: 'hopper@example.com' } },
    'grace@example.com signed in with a new email address, hopper@example.com',
  ],
  [{ action: 'token.created', detail: { name: 'Nightly' } }, 'ada@example.com created the access token Nightly'],
  [
    { action: 'token.ended', detail: { name: 'Nightly', reason: 'ended' } },
    'ada@example.com ended the access token Nightly of grace@example.com',
  ],
  [
    { action: 'token.ended', actorEmail: null, actorId: null, detail: { name: 'Nightly', reason: 'disabled' } },
    'The access token Nightly of grace@example.com ended with the account',
  ],
  ...(
    [
      ['added', 'added the webhook'],
      ['changed', 'changed the webhook'],
      ['removed', 'removed the webhook'],
      ['secret_rolled', 'replaced the secret of the webhook'],
    ] as const
  ).map(([act, text]): [object, string] => [
    { action: `webhook.${act}`, detail: { name: 'Build', host: 'hooks.example.org' } },
    `ada@example.com ${text} Build to hooks.example.org`,
  ]),
  [
    {
      action: 'token.ended',
      actorId: '01970000-0000-7000-8000-000000000002',
      detail: { name: 'Nightly', reason: 'ended' },
    },
    'ada@example.com ended the access token Nightly',
  ],
  [{ action: 'conversation.exported' }, 'ada@example.com exported a conversation of grace@example.com'],
  [{ action: 'session.ended' }, 'ada@example.com ended a session of grace@example.com'],
  [{ action: 'session.all_ended', detail: { count: 2 } }, 'ada@example.com ended all sessions of grace@example.com'],
  [{ action: 'session.others_ended', detail: { count: 2 } }, 'grace@example.com ended all their other sessions'],
  [
    { action: 'identity.refused', targetEmail: null, detail: { reason: 'identity_taken', provider: 'Google' } },
    'ada@example.com could not add Google: that identity has an account of its own',
  ],
  [
    { action: 'identity.refused', targetEmail: null, detail: { reason: 'code_unknown' } },
    'ada@example.com could not add a way to sign in: its code is not valid',
  ],
  [
    { action: 'invitation.added', targetEmail: null, detail: { email: 'mary@example.com', role: 'admin' } },
    'ada@example.com invited mary@example.com with the role admin',
  ],
  [
    { action: 'invitation.withdrawn', targetEmail: null, detail: { email: 'mary@example.com', role: 'user' } },
    'ada@example.com withdrew the invitation of mary@example.com',
  ],
  [
    { action: 'invitation.used', detail: { inviter: 'ada@example.com', role: 'user' } },
    'grace@example.com signed in for the first time, invited by ada@example.com with the role user',
  ],
  [{ action: 'audit.exported', targetEmail: null }, 'ada@example.com saved the activity as CSV'],
  [
    { action: 'admin.refused', detail: { reason: 'role_by_provider', role: 'user' } },
    'ada@example.com could not change the role of grace@example.com, which the provider sets',
  ],
  [
    { action: 'sign_in.failed', actorEmail: null, actorId: null, detail: { reason: 'account_disabled' } },
    'A sign-in of grace@example.com failed: the account is disabled',
  ],
  [
    {
      action: 'sign_in.failed',
      targetId: null,
      targetEmail: null,
      detail: { reason: 'wrong_domain', email: 'mallory@example.org' },
    },
    'A sign-in of mallory@example.org failed: the account belongs to another organisation',
  ],
  [
    { action: 'sign_in.failed', targetId: null, targetEmail: null, detail: { reason: 'never_heard_of' } },
    'A sign-in failed: never heard of',
  ],
  [
    { action: 'admin.refused', targetEmail: null, detail: { reason: 'role', act: 'PATCH /api/admin/users/1' } },
    'ada@example.com was refused: PATCH /api/admin/users/1',
  ],
  [
    { action: 'admin.refused', detail: { reason: 'last_admin', role: 'user' } },
    'ada@example.com could not remove grace@example.com, the last admin',
  ],
  [
    {
      action: 'announcement.added',
      targetEmail: null,
      detail: { text: 'Tonight\nat \u2068ten\u2069', roles: ['user', 'admin'] },
    },
    'ada@example.com announced “Tonight at ten” for the roles user and admin',
  ],
  [
    { action: 'logging.changed', targetEmail: null, detail: { from: 'info', to: 'debug' } },
    'ada@example.com changed the log level from info to debug',
  ],
  [
    { action: 'announcement.withdrawn', targetEmail: null, detail: { text: 'Tonight at ten' } },
    'ada@example.com withdrew the announcement “Tonight at ten”',
  ],
  [
    {
      action: 'model.access_changed',
      targetEmail: null,
      detail: { model: 'gpt-4.1', from: null, to: { roles: ['admin'], users: ['grace@example.com'] } },
    },
    'ada@example.com changed who may use gpt-4.1, from everyone to admin, grace@example.com',
  ],
  [
    {
      action: 'budget.set',
      targetEmail: null,
      detail: { role: 'user', from: null, to: { unit: 'tokens', day: 5_000, month: null } },
    },
    'ada@example.com changed the budget of the role user, from none to 5,000 tokens a day',
  ],
  [
    {
      action: 'budget.set',
      detail: {
        from: { unit: 'money', day: 2_500_000, month: 30_000_000 },
        to: { unit: 'tokens', day: null, month: null },
      },
    },
    'ada@example.com changed the budget of grace@example.com, from 2.5 a day, 30 a month to No limit',
  ],
  [{ action: 'quota.raised' }, 'ada@example.com: quota raised on grace@example.com'],
  [{ action: 'backup', targetEmail: null }, 'ada@example.com: backup'],
])('%j reads as "%s"', (change, sentence) => expect(read(change)).toBe(sentence));
