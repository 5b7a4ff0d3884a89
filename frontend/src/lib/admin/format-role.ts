import { m } from '#lib/language/admin-messages.svelte.ts';
import { type Role, ROLES } from '#protocol';

/** The name of a role as a label. */
export const roleName = (role: Role): string => m[`role_${role}_name`]();

/** What a user with this role may do. */
export const roleMeaning = (role: Role): string => m[`role_${role}_meaning`]();

/** The name of a role within a sentence; an unknown role is shown as the server sent it. */
export const roleWord = (role: string): string => (isRole(role) ? m[`role_${role}_word`]() : role);

const isRole = (value: string): value is Role => (ROLES as readonly string[]).includes(value);
