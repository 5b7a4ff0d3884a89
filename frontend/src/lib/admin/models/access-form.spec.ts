import { expect, it } from 'vitest';
import { AccessForm } from './access-form.svelte.ts';
import { accessText } from './access-text.ts';

const GRACE = { id: '01970000-0000-7000-8000-000000000001', name: 'Grace', email: 'grace@example.com' };

it('begins with what is stored, and with the admins for a model that was open', () => {
  const open = new AccessForm(null);
  expect(open.change).toBeNull();
  open.isForEverybody = false;
  expect(open.change).toEqual({ roles: ['admin'], userIds: [] });
  const restricted = new AccessForm({ roles: ['user'], users: [GRACE] });
  expect(restricted.change).toEqual({ roles: ['user'], userIds: [GRACE.id] });
});

it('adds and removes people once, and roles in their order', () => {
  const form = new AccessForm({ roles: ['admin'], users: [] });
  form.add(GRACE);
  form.add(GRACE);
  form.switchRole('user', true);
  expect(form.change).toEqual({ roles: ['user', 'admin'], userIds: [GRACE.id] });
  form.remove(GRACE.id);
  form.switchRole('admin', false);
  expect(form.isEmpty).toBe(false);
  form.switchRole('user', false);
  expect(form.isEmpty).toBe(true);
  form.isForEverybody = true;
  expect(form.isEmpty).toBe(false);
});

it('says who may use a model', () => {
  expect(accessText(null)).toBe('Everyone with access');
  expect(accessText({ roles: ['user', 'admin'], users: [] })).toBe('Only: User, Admin');
  expect(accessText({ roles: ['admin'], users: [GRACE] })).toBe('Only: Admin, Grace');
  expect(accessText({ roles: [], users: [] })).toBe('Nobody: the accounts of the people who were chosen are deleted');
});
