import { Injectable } from '@nestjs/common';
import { Accounts, type VerifiedIdentity } from '../../users/accounts.js';
import { LoginCodes } from './login-codes.js';
import { LoginFailure } from './login-failure.js';

/** The first step of the way from a verified identity to tokens: the browser comes back from the provider. */
@Injectable()
export class Arrivals {
  constructor(
    private readonly accounts: Accounts,
    private readonly codes: LoginCodes,
  ) {}

  /**
   * Makes the one-time code for a person whom the provider has verified.
   * @throws LoginFailure `account_disabled`
   */
  async accept(identity: VerifiedIdentity, challenge: string): Promise<string> {
    const user = await this.accounts.signIn(identity);
    if (user.disabled) throw new LoginFailure('account_disabled', { account: user });
    return this.codes.issue(user.id, challenge);
  }
}
