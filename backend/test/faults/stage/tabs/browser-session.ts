import { createHash } from 'node:crypto';
import { RefreshTokens } from '../../../../src/auth/sessions/refresh-tokens.js';
import type { Scene } from '../scene.js';
import type { ServerProcess } from '../server-process.js';

const COOKIE = 'lockstep-refresh';

/** The result of a refresh; without a `cookie`, the browser keeps the previous one. */
export interface RefreshAnswer {
  readonly status: number;
  readonly accessToken: string;
  readonly cookie: string | undefined;
}

/** Gives the session of the scene's person a refresh token. @returns the token */
export async function giveCookie({ stage, evidence, person }: Scene): Promise<string> {
  const token = new RefreshTokens(stage.config).create(person.sessionId);
  const hash = createHash('sha256').update(token).digest('base64url');
  await evidence.query('update sessions set token_hash = $1 where id = $2', [hash, person.sessionId]);
  return token;
}

/** Asks a server for another access token. */
export async function refresh(server: ServerProcess, cookie: string): Promise<RefreshAnswer> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/auth/refresh`, {
    method: 'POST',
    headers: { cookie: `${COOKIE}=${cookie}` },
  });
  const { accessToken = '' } = (await response.json()) as { accessToken?: string };
  const set = response.headers.getSetCookie().find((header) => header.startsWith(`${COOKIE}=`));
  const [, next] = /=([^;]+)/.exec(set ?? '') ?? [];
  return { status: response.status, accessToken, cookie: next && decodeURIComponent(next) };
}

/** The status of a request with an access token. */
export async function statusOf(server: ServerProcess, accessToken: string): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await fetch(`http://127.0.0.1:${server.port}/api/profile/me`, { headers })).status;
}
