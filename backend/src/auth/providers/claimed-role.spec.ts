import { expect, it } from '@jest/globals';
import type { Role } from '../../protocol/index.js';
import { claimedRole } from './claimed-role.js';

const roleMap: ReadonlyMap<string, Role> = new Map([
  ['staff', 'user'],
  ['bosses', 'admin'],
]);

it.each([
  [{ groups: ['staff', 'bosses', 'choir'] }, 'admin'],
  [{ groups: 'staff' }, 'user'],
  [{ groups: ['choir'] }, null],
  [{ groups: [7, null, ['bosses']] }, null],
  [{ groups: { bosses: true } }, null],
  [{}, null],
])('reads the highest role of %j', (claims, role) => {
  expect(claimedRole(claims, { rolesClaim: 'groups', roleMap })).toBe(role);
});

it.each([
  ['realm_access.roles', { realm_access: { roles: ['staff'] } }, 'user'],
  ['https://example.org/roles', { 'https://example.org/roles': ['bosses'] }, 'admin'],
  ['realm_access.roles', { realm_access: 'bosses' }, null],
  ['constructor.name', {}, null],
  ['__proto__', {}, null],
])('finds the claim %s', (rolesClaim, claims, role) => {
  expect(claimedRole(claims, { rolesClaim, roleMap })).toBe(role);
});

it('takes values that are roles where there is no map, and sets none where there is no claim', () => {
  const claims = { roles: ['user', 'owner'] };
  expect(claimedRole(claims, { rolesClaim: 'roles', roleMap: undefined })).toBe('user');
  expect(claimedRole(claims, { rolesClaim: undefined, roleMap: undefined })).toBeUndefined();
});
