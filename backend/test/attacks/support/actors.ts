import { Session } from '../../../src/auth/sessions/session.entity.js';
import { Database } from '../../../src/database/database.js';
import { TOKEN_SCOPES, type TokenScope } from '../../../src/protocol/index.js';
import { UsersService } from '../../../src/users/users.service.js';
import { User } from '../../../src/users/user.entity.js';
import { createToken as neverIssued } from '../../../src/auth/tokens/token-format.js';
import { createToken } from '../../programs/programs.js';
import type { TestServer } from '../../support/test-server.js';
import type { Access } from '../access/access.js';

/** A sender of requests. */
export interface Actor {
  readonly name: string;
  /** `undefined`: without a header. */
  readonly bearer: string | undefined;
  /** The status of a refusal, or `undefined` if the access lets the actor in. */
  readonly refusal: (access: Access) => 401 | 403 | undefined;
}

const never = (): 401 => 401;

/** Every kind of caller: without a session, with one that is no longer good, with each role, and programs. */
export async function createActors(server: TestServer): Promise<Actor[]> {
  const database = server.get(Database);
  const [pending, user, admin] = [
    await server.signIn('Pending', 'pending'),
    await server.signIn('User'),
    await server.signIn('Admin', 'admin'),
  ];
  const [disabled, ended, former] = [
    await server.signIn('Disabled', 'admin'),
    await server.signIn('Ended', 'admin'),
    await server.signIn('Former', 'admin'),
  ];
  const tokenOf = async (who: typeof user, ...scopes: TokenScope[]): Promise<string> =>
    (await createToken(server, who, { scopes })).token;
  const programs = await Promise.all(
    TOKEN_SCOPES.map(async (scope) => ({ scopes: [scope], bearer: await tokenOf(user, scope) })),
  );
  const endedToken = await createToken(server, user);
  await server.fetch(`/api/tokens/${endedToken.id}`, user, { method: 'DELETE' });
  const demoted = await server.signIn('Demoted', 'user');
  const demotedToken = await tokenOf(demoted, 'chat', 'read');
  const disabledToken = await tokenOf(disabled, 'chat', 'read');
  await server.get(UsersService).change(null, disabled.userId, { disabled: true });
  await database.write((em) => em.nativeUpdate(Session, { id: ended.sessionId }, { endedAt: 1 }));
  // In the database alone, as another process does it.
  await database.write((em) => em.nativeUpdate(User, { id: former.userId }, { disabled: true }));
  await server.get(UsersService).change(null, demoted.userId, { role: 'pending' });

  const withRole = (role: 'pending' | 'user' | 'admin') => (access: Access) =>
    access.roles.includes(role) ? undefined : 403;
  const withScopes =
    (role: 'user' | 'admin', ...scopes: TokenScope[]) =>
    (access: Access) =>
      access.roles.includes(role) && access.scopes.some((scope) => scopes.includes(scope)) ? undefined : 403;
  return [
    { name: 'nobody', bearer: undefined, refusal: never },
    { name: 'someone with a made-up token', bearer: 'made-up', refusal: never },
    { name: 'someone with a well-formed token that was never issued', bearer: neverIssued(), refusal: never },
    { name: 'a disabled admin', bearer: disabled.token, refusal: never },
    { name: 'an admin whom another process has disabled', bearer: former.token, refusal: never },
    { name: 'an admin whose session has ended', bearer: ended.token, refusal: never },
    { name: 'an ended personal token', bearer: endedToken.token, refusal: never },
    { name: 'a personal token of a disabled admin', bearer: disabledToken, refusal: never },
    { name: 'a personal token of an account that waits', bearer: demotedToken, refusal: () => 403 },
    { name: 'an account that waits', bearer: pending.token, refusal: withRole('pending') },
    { name: 'a user', bearer: user.token, refusal: withRole('user') },
    { name: 'an admin', bearer: admin.token, refusal: withRole('admin') },
    ...programs.map(({ scopes, bearer }) => ({
      name: `a personal token for ${scopes.join()}`,
      bearer,
      refusal: withScopes('user', ...scopes),
    })),
    {
      name: 'a personal token of an admin with every scope',
      bearer: await tokenOf(admin, ...TOKEN_SCOPES),
      refusal: withScopes('admin', ...TOKEN_SCOPES),
    },
  ];
}
