import { type Role, role, ROLES } from '../../protocol/index.js';
import type { OidcProviderConfig } from '../../config/sign-in/sign-in-providers.js';

type RolesConfig = Pick<OidcProviderConfig, 'rolesClaim' | 'roleMap'>;

/**
 * The role that the provider's claims give: the highest one of the mapped values, since people are in several groups.
 * @returns `undefined` if the provider sets no roles; `null` if it sets them but no value has one
 */
export function claimedRole(claims: Readonly<Record<string, unknown>>, config: RolesConfig): Role | null | undefined {
  const { rolesClaim, roleMap } = config;
  if (rolesClaim === undefined) return undefined;
  const values = valuesAt(claims, rolesClaim);
  const roles = new Set(values.map((value) => (roleMap ? roleMap.get(value) : role.safeParse(value).data)));
  return ROLES.findLast((candidate) => roles.has(candidate)) ?? null;
}

/** Whether the claims contain the claim with roles, even without a known value. */
export const hasRolesClaim = (claims: Readonly<Record<string, unknown>>, { rolesClaim }: RolesConfig): boolean =>
  rolesClaim !== undefined && valueAt(claims, rolesClaim) !== undefined;

/** The claim as it is named, or at a path: names may contain dots themselves, as in `https://example.org/roles`. */
const valueAt = (claims: Readonly<Record<string, unknown>>, path: string): unknown =>
  Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(propertyOf, claims);

function valuesAt(claims: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  const value = valueAt(claims, path);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string');
}

const propertyOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
