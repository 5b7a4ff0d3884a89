/** Why a sign-in failed; the page has a sentence for each. */
export type LoginFailureCode =
  | 'access_denied'
  | 'state_mismatch'
  | 'email_missing'
  | 'email_unverified'
  | 'wrong_domain'
  | 'account_disabled'
  /** It answered what says neither of the next two. */
  | 'provider_error'
  /** Passes by itself. */
  | 'provider_unavailable'
  /** Passes when whoever runs the server, or the provider, changes something. */
  | 'provider_misconfigured'
  | 'expired';

export interface LoginFailureOptions extends ErrorOptions {
  /** Who it was by the word of the provider, where it gave one. */
  readonly email?: string;
  /** Whose account it was, where there is one. */
  readonly account?: { readonly id: string; readonly email: string };
}

/** A sign-in that came back from the provider cannot be finished. */
export class LoginFailure extends Error {
  override readonly name = 'LoginFailure';
  readonly email: string | undefined;
  readonly account: { readonly id: string; readonly email: string } | undefined;

  constructor(
    readonly code: LoginFailureCode,
    options: LoginFailureOptions = {},
  ) {
    super(`The sign-in failed: ${code}`, options);
    this.email = options.email;
    this.account = options.account;
  }
}
