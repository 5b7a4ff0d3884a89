/** Why a sign-in failed; the page has a sentence for each. */
export type LoginFailureCode =
  | 'access_denied'
  | 'state_mismatch'
  | 'email_unverified'
  | 'wrong_domain'
  | 'account_disabled'
  | 'provider_error'
  | 'expired';

/** A sign-in that came back from the provider cannot be finished. */
export class LoginFailure extends Error {
  override readonly name = 'LoginFailure';

  constructor(
    readonly code: LoginFailureCode,
    options?: ErrorOptions,
  ) {
    super(`The sign-in failed: ${code}`, options);
  }
}
