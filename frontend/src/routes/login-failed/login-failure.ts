import { m } from '#lib/language/sign-in-messages.svelte.ts';

export interface LoginFailure {
  readonly title: string;
  readonly sentence: string;
  /** The label of the button to continue. */
  readonly way: string;
}

/** What to tell a user whose sign-in failed. Only temporary problems are called temporary. */
export function loginFailure(code: string): LoginFailure {
  switch (code) {
    case 'access_denied':
      return { ...wordsOf(code), way: m.login_failed_access_denied_way() };
    case 'state_mismatch':
    case 'expired':
    case 'provider_error':
      return { ...wordsOf(code), way: m.login_start_again() };
    case 'wrong_domain':
    case 'account_disabled':
    case 'email_missing':
      return { ...wordsOf(code), way: m.login_other_account() };
    case 'provider_unavailable':
    case 'too_many_attempts':
      return { ...wordsOf(code), way: m.action_try_again() };
    case 'email_unverified':
    case 'email_verification_missing':
    case 'provider_misconfigured':
      return { ...wordsOf(code), way: m.login_failed_back() };
    default:
      return { title: m.login_failed_title(), sentence: m.login_failed_unknown_text(), way: m.action_try_again() };
  }
}

type KnownCode =
  | 'access_denied'
  | 'state_mismatch'
  | 'expired'
  | 'wrong_domain'
  | 'account_disabled'
  | 'email_missing'
  | 'email_unverified'
  | 'email_verification_missing'
  | 'provider_error'
  | 'provider_unavailable'
  | 'provider_misconfigured'
  | 'too_many_attempts';

const wordsOf = (code: KnownCode): Omit<LoginFailure, 'way'> => ({
  title: m[`login_failed_${code}_title`](),
  sentence: m[`login_failed_${code}_text`](),
});
