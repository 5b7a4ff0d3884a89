import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { LoginFailure } from '../sign-in/login-failure.js';
import { ProviderFailure, providerKindOf } from './provider-failure.js';

/** Converts an error of `openid-client`; one that is a `LoginFailure` already is returned unchanged. */
export function loginFailureOf(error: unknown): LoginFailure {
  if (error instanceof LoginFailure) return error;
  if (error instanceof AuthorizationResponseError) return new LoginFailure(providerKindOf({ code: error.error }));
  const failure = failureOf(error);
  return new LoginFailure(providerKindOf(failure), { cause: failure });
}

/** The messages of the library are for developers, but contain no secrets; whole responses are not kept. */
function failureOf(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (error instanceof ResponseBodyError) {
    const { status, error: code } = error;
    return new ProviderFailure(`refused with ${status}, ${code.slice(0, 100)}`, { status, code });
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return new ProviderFailure(`refused with ${error.status}`, { status: error.status });
  }
  if (error instanceof ClientError && error.code !== undefined && !UNREACHED.has(error.code)) {
    const status = error.cause instanceof Response ? error.cause.status : 200;
    return new ProviderFailure(status === 200 ? `sent what is not valid: ${reasonOf(error)}` : `answered ${status}`, {
      status,
      // A forged or replayed response, or an ID token for another client: it concerns this sign-in alone.
      code: CONCERNS_ONE.has(error.code) ? 'invalid_grant' : undefined,
    });
  }
  return new ProviderFailure('could not be reached in time', { cause: error });
}

const UNREACHED: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT']);
const CONCERNS_ONE: ReadonlySet<string> = new Set([
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error && cause.message !== message ? `${message} (${cause.message})` : message;
