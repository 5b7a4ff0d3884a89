import { m } from '#lib/language/messages.svelte.ts';
import { type Role, ROLES } from '#protocol';

/** How a role is called on a label of its own. */
export const roleName = (role: Role): string => m[`role_${role}_name`]();

/** What somebody of this role may do. */
export const roleMeaning = (role: Role): string => m[`role_${role}_meaning`]();

/** How a role is called within a sentence; one that this page does not know stays as the server calls it. */
export const roleWord = (role: string): string => (isRole(role) ? m[`role_${role}_word`]() : role);

const isRole = (value: string): value is Role => (ROLES as readonly string[]).includes(value);
