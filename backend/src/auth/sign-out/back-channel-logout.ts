import { Injectable } from '@nestjs/common';
import { ChatError } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { Identity } from '../../users/identity.entity.js';
import { OidcProvider } from '../providers/oidc-provider.js';
import { SignInProviders } from '../providers/sign-in-providers.js';
import { Sessions } from '../sessions/sessions.js';
import { LogoutTokens } from './logout-tokens.js';

/** Ends sessions when the user has signed out at the provider, or an administrator there has ended their session. */
@Injectable()
export class BackChannelLogout {
  constructor(
    private readonly providers: SignInProviders,
    private readonly tokens: LogoutTokens,
    private readonly sessions: Sessions,
    private readonly log: EventLog,
  ) {}

  /**
   * Ends the sessions that a logout token names; their sockets are closed as for any ended session.
   * @throws ChatError `not_found` for a provider without OpenID Connect; `bad_request` for an invalid token
   */
  async end(providerId: string, logoutToken: string): Promise<void> {
    const provider = this.providers.find(providerId);
    if (!(provider instanceof OidcProvider)) throw new ChatError('not_found', 'There is no such provider.');
    const claims = await this.tokens.verify(provider, logoutToken);
    if (!claims) throw new ChatError('bad_request', 'The logout token is not valid.');
    const { subject, providerSession } = claims;
    await this.log.write(async (transaction) => {
      const { issuer } = provider;
      const identity = subject === undefined ? null : await transaction.em.findOne(Identity, { issuer, subject });
      // A user who has never signed in here.
      if (subject !== undefined && !identity) return;
      await this.sessions.endAtProvider(transaction, { issuer, providerSession, userId: identity?.userId });
    });
  }
}
