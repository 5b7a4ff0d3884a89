import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ask } from '../ask.js';

/** A client of a sign-in provider. */
export interface Client {
  readonly id: string;
  readonly secret: string;
  /** How it authenticates: by the body of a request, or by the header of HTTP Basic (RFC 6749, 2.3.1). */
  readonly isInBody: boolean;
  readonly redirect: string;
}

/** Errors of a token endpoint that are about the client and not about the code: RFC 6749, 5.2, and those of GitHub. */
const ABOUT_CLIENT: ReadonlySet<string> = new Set([
  'invalid_client',
  'unauthorized_client',
  'incorrect_client_credentials',
  'redirect_uri_mismatch',
]);

const answer = z.object({ error: z.string() });

/**
 * Asks a token endpoint for tokens with a code that does not exist. A provider that knows the client refuses the code
 * (`invalid_grant`), one that does not refuses the client.
 * @returns the error about the client; `undefined` if it is known, or the answer says nothing about it
 * @throws what the socket throws
 */
export async function clientRefusal(
  tokenUrl: string,
  client: Client,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { id, secret, isInBody, redirect } = client;
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'lockstep-doctor',
    redirect_uri: redirect,
    code_verifier: randomBytes(32).toString('hex'),
    ...(isInBody && { client_id: id, client_secret: secret }),
  });
  const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64');
  const { text } = await ask(new URL(tokenUrl), {
    signal,
    method: 'POST',
    body: form.toString(),
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Accept: 'application/json',
      ...(!isInBody && { Authorization: `Basic ${basic}` }),
    },
  });
  const error = errorIn(text);
  return error !== undefined && ABOUT_CLIENT.has(error) ? error : undefined;
}

function errorIn(text: string): string | undefined {
  try {
    return answer.safeParse(JSON.parse(text)).data?.error;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
