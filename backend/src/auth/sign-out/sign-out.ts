import { Inject, Injectable } from '@nestjs/common';
import { buildEndSessionUrl } from 'openid-client';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { OidcProvider } from '../providers/oidc-provider.js';
import { SignInProviders } from '../providers/sign-in-providers.js';
import { Sessions } from '../sessions/sessions.js';
import { IdTokens } from './id-tokens.js';

/** Ends the session of a browser, here and at the provider. */
@Injectable()
export class SignOut {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sessions: Sessions,
    private readonly providers: SignInProviders,
    private readonly idTokens: IdTokens,
  ) {}

  /**
   * Ends a session.
   * @returns where the browser ends the session at the provider (RP-Initiated Logout 1.0, 2); `undefined` if the provider
   * does not support that, or is not known because it could not be reached
   * @throws ChatError `not_found` when the session is another user's, has ended or does not exist
   */
  async end(userId: string, sessionId: string): Promise<string | undefined> {
    const { issuer, idToken } = await this.sessions.end(userId, sessionId);
    const provider = issuer === null ? undefined : this.providers.ofIssuer(issuer);
    if (!(provider instanceof OidcProvider) || idToken === null) return undefined;
    const hint = await this.idTokens.open(idToken);
    if (hint === undefined) return undefined;
    const configuration = provider.discovered;
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return undefined;
    const query = { id_token_hint: hint, post_logout_redirect_uri: `${this.config.publicUrl}/login` };
    return buildEndSessionUrl(configuration, query).href;
  }
}
