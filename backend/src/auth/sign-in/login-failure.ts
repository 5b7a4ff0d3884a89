/** Why a sign-in failed; the page has a text for each code. */
export type LoginFailureCode =
  | 'access_denied'
  | 'state_mismatch'
  | 'email_missing'
  | 'email_unverified'
  /** The provider does not say whether the e-mail is verified, and is not trusted to send only verified ones. */
  | 'email_verification_missing'
  | 'wrong_domain'
  | 'account_disabled'
  /** An error that is neither of the next two. */
  | 'provider_error'
  /** Passes without any action. */
  | 'provider_unavailable'
  /** Needs a change by the operator of the server or by the provider. */
  | 'provider_misconfigured'
  | 'expired';

export interface LoginFailureOptions extends ErrorOptions {
  /** The e-mail address from the provider, if it sent one. */
  readonly email?: string;
  /** The account, if there is one. */
  readonly account?: { readonly id: string; readonly email: string };
}

/** A sign-in cannot be completed after the return from the provider. */
export class LoginFailure extends Error {
  override readonly name = 'LoginFailure';
  readonly email: string | undefined;
  readonly account: { readonly id: string; readonly email: string } | undefined;
  /** The id of the provider; `undefined` for Google, and before it is known. */
  providerId: string | undefined;

  constructor(
    readonly code: LoginFailureCode,
    options: LoginFailureOptions = {},
  ) {
    super(`The sign-in failed: ${code}`, options);
    this.email = options.email;
    this.account = options.account;
  }

  /** Adds at which provider it happened. */
  at(providerId: string): this {
    this.providerId = providerId;
    return this;
  }
}
