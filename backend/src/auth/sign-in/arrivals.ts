import { Injectable } from '@nestjs/common';
import { Accounts } from '../../users/accounts.js';
import { TokenVault } from '../roles/held-tokens.js';
import type { VerifiedSignIn } from '../providers/sign-in-provider.js';
import { IdTokens } from '../sign-out/id-tokens.js';
import { LinkCodes } from './link-codes.js';
import { LoginCodes } from './login-codes.js';
import { LoginFailure } from './login-failure.js';

/** Handles the return of the browser from the provider: the first step from a verified identity to tokens. */
@Injectable()
export class Arrivals {
  constructor(
    private readonly accounts: Accounts,
    private readonly codes: LoginCodes,
    private readonly links: LinkCodes,
    private readonly idTokens: IdTokens,
    private readonly vault: TokenVault,
  ) {}

  /**
   * Creates the one-time code for a verified identity.
   * @throws LoginFailure `account_disabled`
   */
  async accept({ identity, session }: VerifiedSignIn, challenge: string): Promise<string> {
    const user = await this.accounts.signIn(identity);
    if (user.disabled) throw new LoginFailure('account_disabled', { account: user });
    const idToken = session.idToken === null ? null : await this.idTokens.seal(session.idToken);
    const providerTokens = session.providerTokens === null ? null : await this.vault.seal(session.providerTokens);
    return this.codes.issue(user.id, challenge, { ...session, idToken, providerTokens });
  }

  /** Creates the one-time code with which the page links the identity. */
  link({ identity }: VerifiedSignIn, challenge: string): Promise<string> {
    return this.links.issue(identity, challenge);
  }
}
