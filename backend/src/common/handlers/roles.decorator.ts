import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Role } from '../../protocol/index.js';

/** Keys under which the guard finds what the decorators said. */
export const ROLES_ALLOWED = 'roles-allowed';
export const IS_PUBLIC = 'is-public';

/** Somebody who waits to be let in may do nothing that does not say so. */
export const DEFAULT_ROLES: readonly Role[] = ['user', 'admin'];

/** Who may call the handler, or every handler of the class. Without it: users and admins. */
export const Roles = (...roles: readonly Role[]): CustomDecorator => SetMetadata(ROLES_ALLOWED, roles);

/** Anyone may call the handler, signed in or not; it has no principal. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
