import type { LoginFailureCode } from '../sign-in/login-failure.js';

interface Answer extends ErrorOptions {
  /** The HTTP status; missing without a response. */
  readonly status?: number | undefined;
  /** The provider's code of the error (RFC 6749, 5.2), as it was sent. */
  readonly code?: string | undefined;
}

/** The provider gave an invalid response, or none in time. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  readonly status: number | undefined;
  readonly code: string | undefined;

  constructor(message: string, { status, code, ...options }: Answer = {}) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

type ProviderKind = Extract<LoginFailureCode, `provider_${string}` | 'access_denied'>;

/** RFC 6749, 4.1.2.1 and 5.2; OpenID Connect Core, 3.1.2.6. Codes that are not listed do not show what would help. */
const KIND_OF_CODE: Readonly<Record<string, ProviderKind>> = {
  access_denied: 'access_denied',
  account_selection_required: 'access_denied',
  consent_required: 'access_denied',
  interaction_required: 'access_denied',
  login_required: 'access_denied',
  server_error: 'provider_unavailable',
  slow_down: 'provider_unavailable',
  temporarily_unavailable: 'provider_unavailable',
  insufficient_scope: 'provider_misconfigured',
  invalid_client: 'provider_misconfigured',
  invalid_request: 'provider_misconfigured',
  invalid_scope: 'provider_misconfigured',
  redirect_uri_mismatch: 'provider_misconfigured',
  unauthorized_client: 'provider_misconfigured',
  unsupported_grant_type: 'provider_misconfigured',
  unsupported_response_type: 'provider_misconfigured',
};

/** Permanent errors of Node: an unknown host name or an untrusted certificate. Other errors may pass. */
const LASTING = /^(ENOTFOUND|CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const BUSY: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Classifies a failed sign-in at the provider: errors that the operator has to fix, and errors that pass by themselves.
 * @param error any error of passport
 */
export function providerKindOf(error: unknown): ProviderKind {
  const failure = providerFailureOf(error);
  const code = codeOf(failure ?? error);
  const kind = code !== undefined && Object.hasOwn(KIND_OF_CODE, code) ? KIND_OF_CODE[code] : undefined;
  if (kind !== undefined) return kind;
  if (!failure) return 'provider_error';
  const { status } = failure;
  if (status === undefined) return LASTING.test(causeOf(failure)) ? 'provider_misconfigured' : 'provider_unavailable';
  if (status >= 500 || BUSY.has(status)) return 'provider_unavailable';
  // Another server answers, or the provider refuses this client. `invalid_grant` refuses only the code of this sign-in.
  return status >= 300 && code !== 'invalid_grant' ? 'provider_misconfigured' : 'provider_error';
}

/** The error of `ProviderClient`, which passport-oauth2 wraps into its own. */
export function providerFailureOf(error: unknown): ProviderFailure | undefined {
  if (error instanceof ProviderFailure) return error;
  const hidden: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'oauthError') : undefined;
  return hidden instanceof ProviderFailure ? hidden : undefined;
}

const codeOf = (error: unknown): string | undefined => {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** The code in the chain of causes, where `fetch` puts the reason for a failed connection. */
function causeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code: unknown = Reflect.get(at, 'code');
    if (typeof code === 'string') return code;
  }
  return '';
}
