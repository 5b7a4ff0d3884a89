import type { Security } from '../../../src/contract/route.js';
import type { Role, TokenScope } from '../../../src/protocol/index.js';

/**
 * What an id in a request names.
 * - `session`, `identity`, `token`, `conversation`, `message`, `run`, `queued message`, `webhook`, `delivery`: something
 *   that belongs to one person. The suite sends that of another person, which must be answered like an id that does not
 *   exist (`A3`).
 * - `new or conversation`: a conversation, which is started if the id is new.
 * - `shared`: something that belongs to no person, or that the admins manage; the role alone decides.
 * - `chosen`: an id that the client has just created, and that refers to nothing.
 */
export type IdKind =
  | 'session'
  | 'identity'
  | 'token'
  | 'conversation'
  | 'new or conversation'
  | 'message'
  | 'run'
  | 'queued message'
  | 'webhook'
  | 'delivery'
  | 'shared'
  | 'chosen';

/** Who may call a route or command. */
export interface Access {
  readonly security: Security;
  /** Empty without an access token. */
  readonly roles: readonly Role[];
  /** The scopes of personal access tokens, one of which is enough; empty if none is accepted. */
  readonly scopes: readonly TokenScope[];
  /** Every id that it takes, by its key in path, query, body or payload: `settings.model` for one within an object. */
  readonly ids: Readonly<Record<string, IdKind>>;
}

type More = Partial<Pick<Access, 'scopes' | 'ids'>>;

const withToken = (roles: readonly Role[], more: More): Access => ({
  security: 'accessToken',
  roles,
  scopes: [],
  ids: {},
  ...more,
});
const without = (security: Security, more: More): Access => ({ security, roles: [], scopes: [], ids: {}, ...more });

export const anyone = (more: More = {}): Access => without('anyone', more);
export const refreshCookie = (): Access => without('refreshCookie', {});
export const metricsToken = (): Access => without('metricsToken', {});
/** Everyone who is signed in, also accounts that wait for an admin. */
export const everyRole = (more: More = {}): Access => withToken(['pending', 'user', 'admin'], more);
export const users = (more: More = {}): Access => withToken(['user', 'admin'], more);
export const admins = (more: More = {}): Access => withToken(['admin'], more);
