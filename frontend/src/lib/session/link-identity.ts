import type { Api } from '../http/api.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { forgetVerifier, keptVerifier } from './sign-in-verifier.ts';

/**
 * Links the identity of a finished sign-in to the account that is signed in. Throws `RequestFailed`: `identity_taken` if
 * it has an account of its own, `unauthenticated` for an invalid code.
 */
export async function linkIdentity(api: Pick<Api, 'post'>, code: string): Promise<void> {
  const verifier = keptVerifier();
  if (!verifier) throw new RequestFailed('unauthenticated', 'No sign-in is under way in this browser');
  await api.post('/api/auth/identities', { code, verifier });
  forgetVerifier();
}
