import type { AdminUser, AuditEntry, Page, Problem, Role, User } from '../../src/protocol/index.js';
import { UsersService } from '../../src/users/users.service.js';
import type { AuthServer, SignedIn } from '../auth/auth-server.js';

/** Signs a user in and gives them a role, as the command line does. */
export async function signInAs(server: AuthServer, name: string, role: Role): Promise<SignedIn> {
  const signedIn = await server.signIn(name);
  await server.get(UsersService).change(null, signedIn.grant.user.id, { role });
  return signedIn;
}

/** The admin's routes, called by a user. */
export class AdminRoutes {
  constructor(
    private readonly server: AuthServer,
    private readonly who: SignedIn,
  ) {}

  async users(query: Record<string, string> = {}): Promise<Page<AdminUser>> {
    const response = await this.get('users', query);
    return (await response.json()) as Page<AdminUser>;
  }

  async audit(query: Record<string, string> = {}): Promise<Page<AuditEntry>> {
    const response = await this.get('audit', query);
    return (await response.json()) as Page<AuditEntry>;
  }

  get(list: 'users' | 'audit', query: Record<string, string> = {}): Promise<Response> {
    const search = new URLSearchParams(query);
    return this.server.fetch(`/api/admin/${list}?${search.toString()}`, this.who.grant.accessToken);
  }

  async change(id: string, change: unknown): Promise<{ status: number; body: AdminUser & Problem }> {
    const init = { method: 'PATCH', body: JSON.stringify(change) };
    const response = await this.server.fetch(`/api/admin/users/${id}`, this.who.grant.accessToken, init);
    return { status: response.status, body: (await response.json()) as AdminUser & Problem };
  }
}

export const idOf = ({ grant }: SignedIn): string => grant.user.id;

export async function readProfile(server: AuthServer, { grant }: SignedIn): Promise<User> {
  return (await (await server.fetch('/api/profile/me', grant.accessToken)).json()) as User;
}
