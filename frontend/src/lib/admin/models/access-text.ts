import { m } from '#lib/language/admin-messages.svelte.ts';
import { localeInView } from '#lib/language/messages.svelte.ts';
import type { ModelAccess } from '#protocol';
import { roleName } from '../format-role.ts';

/** Names beyond this many are counted. */
const MOST_NAMES = 8;

const listed = (names: readonly string[]): string =>
  new Intl.ListFormat(localeInView(), { type: 'unit', style: 'short' }).format(names);

/** Who may use a model, in a line. */
export function accessText(access: ModelAccess): string {
  if (access === null) return m.models_everybody();
  const names = [...access.roles.map(roleName), ...access.users.map(({ name }) => name)];
  if (names.length === 0) return m.models_nobody();
  const rest = names.length - MOST_NAMES;
  const shown = rest > 0 ? [...names.slice(0, MOST_NAMES), m.models_and_more({ count: rest })] : names;
  return m.models_only({ names: listed(shown) });
}

/** Who may use a model, as the audit has it: roles, and e-mail addresses. */
export function auditedAccessText(access: unknown): string {
  if (access === null || typeof access !== 'object') return m.models_audit_everybody();
  const { roles, users } = access as { readonly roles?: unknown; readonly users?: unknown };
  const names = [roles, users].flatMap((some) => (Array.isArray(some) ? some.map(String) : []));
  return names.length === 0 ? m.models_audit_nobody() : listed(names);
}
