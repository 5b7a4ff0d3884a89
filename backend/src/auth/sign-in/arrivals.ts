import { Injectable } from '@nestjs/common';
import { Accounts, type VerifiedIdentity } from '../../users/accounts.js';
import { LoginCodes } from './login-codes.js';
import { LoginFailure } from './login-failure.js';

/** Handles the return of the browser from the provider: the first step from a verified identity to tokens. */
@Injectable()
export class Arrivals {
  constructor(
    private readonly accounts: Accounts,
    private readonly codes: LoginCodes,
  ) {}

  /**
   * Creates the one-time code for a verified identity.
   * @throws LoginFailure `account_disabled`
   */
  async accept(identity: VerifiedIdentity, challenge: string): Promise<string> {
    const user = await this.accounts.signIn(identity);
    if (user.disabled) throw new LoginFailure('account_disabled', { account: user });
    return this.codes.issue(user.id, challenge);
  }
}
