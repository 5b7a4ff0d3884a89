import { expect, it } from 'vitest';
import type { AdminAnnouncement } from '#protocol';
import { AnnouncementForm } from './announcement-form.svelte.ts';
import { beginningOf, standingOf } from './announcement-texts.ts';

const NOW = new Date(2026, 10, 26, 12, 0).getTime();

it('finds what is missing, too long or in the past', () => {
  const form = new AnnouncementForm();
  form.text = ' \n ';
  form.until = '2026-11-26T12:00';
  for (const role of ['pending', 'user', 'admin'] as const) form.switchRole(role, false);
  expect([...form.faults(NOW)]).toEqual(['text missing', 'until past', 'roles missing']);
  form.text = 'x'.repeat(501);
  expect([...form.faults(NOW)]).toContain('text too long');
});

it('has the end in the time zone of the device, and the roles in their order', () => {
  const form = new AnnouncementForm();
  form.text = '  Tonight\nat ten  ';
  form.until = '2026-11-26T22:00';
  form.switchRole('user', false);
  form.switchRole('admin', false);
  form.switchRole('user', true);
  expect([...form.faults(NOW)]).toEqual([]);
  expect(form.body).toEqual({
    text: 'Tonight\nat ten',
    tone: 'info',
    endsAt: new Date(2026, 10, 26, 22, 0).getTime(),
    roles: ['pending', 'user'],
  });
  form.until = '';
  expect(form.body.endsAt).toBeNull();
});

it('shortens a text to one line, without breaking a character', () => {
  expect(beginningOf('Tonight\n\nat ten')).toBe('Tonight at ten');
  expect(beginningOf('😀'.repeat(81))).toBe(`${'😀'.repeat(79)}…`);
});

it('says whether an announcement is shown, has ended, or was withdrawn before its end', () => {
  const of = (endsAt: number | null, withdrawnAt: number | null): string =>
    standingOf({ endsAt, withdrawnAt } as AdminAnnouncement, NOW).kind;
  expect([of(null, null), of(NOW + 1, null), of(NOW, null)]).toEqual(['stands', 'stands', 'ended']);
  expect([of(null, NOW - 1), of(NOW + 1, NOW - 1), of(NOW - 2, NOW - 1)]).toEqual(['withdrawn', 'withdrawn', 'ended']);
});
