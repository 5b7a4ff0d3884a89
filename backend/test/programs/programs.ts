import type { CreatedToken } from '../../src/protocol/http/index.js';
import type { TokenScope } from '../../src/protocol/index.js';
import type { TestPerson, TestServer } from '../support/test-server.js';

export interface TokenWishes {
  readonly name?: string;
  readonly scopes?: readonly TokenScope[];
  readonly expiresAt?: number | null;
}

export const postToken = (server: TestServer, person: Pick<TestPerson, 'token'>, wishes: object): Promise<Response> =>
  server.fetch('/api/tokens', person, { method: 'POST', body: JSON.stringify(wishes) });

/** Creates a personal access token, as the profile page does. */
export async function createToken(
  server: TestServer,
  person: TestPerson,
  { name = 'A program', scopes = ['chat', 'read'], expiresAt = null }: TokenWishes = {},
): Promise<CreatedToken> {
  const response = await postToken(server, person, { name, scopes, expiresAt });
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json()) as CreatedToken;
}
