import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Role, TokenScope } from '../../protocol/index.js';

/** The metadata keys of the decorators below, which the guard reads. */
export const ROLES_ALLOWED = 'roles-allowed';
export const IS_PUBLIC = 'is-public';
export const SCOPES_ALLOWED = 'scopes-allowed';

/** Users with the role `pending` may call only handlers that allow it explicitly. */
export const DEFAULT_ROLES: readonly Role[] = ['user', 'admin'];

/** Sets the roles that may call the handler, or all handlers of the class. The default is users and admins. */
export const Roles = (...roles: readonly Role[]): CustomDecorator => SetMetadata(ROLES_ALLOWED, roles);

/** Allows calls without a session; the handler has no principal. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);

/**
 * Allows calls with a personal access token that has one of the scopes; without this decorator only sessions may call.
 * The handler must use `CurrentCaller`.
 */
export const TokenScopes = (...scopes: readonly TokenScope[]): CustomDecorator => SetMetadata(SCOPES_ALLOWED, scopes);
