import type { VerifiedIdentity } from '../../users/accounts.js';
import type { PendingLogin } from '../sign-in/login-cookie.js';

/** The session at the provider that a sign-in belongs to. */
export interface ProviderSession {
  /** `null` in codes of earlier versions. */
  readonly issuer: string | null;
  /** The claim `sid`; `null` from providers that do not send one. */
  readonly providerSession: string | null;
  /** Encrypted by `IdTokens` where it is stored; `null` from providers without OpenID Connect. */
  readonly idToken: string | null;
  /** `HeldTokens` as JSON, encrypted where they are stored; `null` from providers that do not set roles. */
  readonly providerTokens: string | null;
}

/** What a provider has verified when the browser comes back from it. */
export interface VerifiedSignIn {
  readonly identity: VerifiedIdentity;
  readonly session: ProviderSession;
}

/** The address to which the browser is sent, and the secrets that its return is checked with. */
export interface SignInRequest {
  readonly url: URL;
  readonly providerVerifier: string;
  /** `null` for providers without an ID token. */
  readonly nonce: string | null;
}

/** A provider that people sign in with; passport's strategy for Google is not one of them. */
export interface SignInProvider {
  readonly id: string;
  readonly issuer: string;
  /** Prepares the provider, and reports in the log why it cannot be used. */
  prepare(): Promise<void>;
  /** Whether the provider could be used the last time that this was tried. */
  readonly isAvailable: boolean;
  /** @throws LoginFailure */
  begin(state: string): Promise<SignInRequest>;
  /**
   * @param callback the whole address that the provider has sent the browser to
   * @throws LoginFailure
   */
  finish(callback: URL, login: PendingLogin): Promise<VerifiedSignIn>;
}
