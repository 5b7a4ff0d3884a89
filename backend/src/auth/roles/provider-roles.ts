import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../common/within.js';
import { Database } from '../../database/database.js';
import { EventLog } from '../../streams/log/event-log.js';
import { Accounts } from '../../users/accounts.js';
import { LoginFailure } from '../sign-in/login-failure.js';
import { Sessions } from '../sessions/sessions.js';
import { TokenVault } from './held-tokens.js';
import { OidcProvider } from '../providers/oidc-provider.js';
import { CLAIM_ASKING, KEEP_TOKENS } from './provider-roles.statements.js';
import { ProviderFailure } from '../providers/provider-failure.js';
import { SignInProviders } from '../providers/sign-in-providers.js';

/** How often the provider is asked for the role of a session at most: every tab refreshes every ten minutes. */
const ASK_EVERY_MS = 5 * 60_000;
/** How long a refresh waits for the provider; a later answer takes effect when it comes. */
const WAIT_MS = 2_000;

/** A session whose provider is to be asked. */
interface Asking {
  readonly sessionId: string;
  readonly issuer: string;
  readonly sealed: string;
}

/** Keeps the roles of signed-in users as the provider says, and ends sessions whose access the provider has ended. */
@Injectable()
export class ProviderRoles {
  private readonly logger = new Logger(ProviderRoles.name);

  constructor(
    private readonly log: EventLog,
    private readonly database: Database,
    private readonly providers: SignInProviders,
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
    private readonly vault: TokenVault,
  ) {}

  /**
   * Asks the provider for the role before the refresh of a session, but not again within some minutes. Never rejects: a
   * provider that is down changes nothing.
   */
  async beforeRefresh(sessionId: string): Promise<void> {
    if (!this.providers.setRoles) return;
    try {
      const asking = await this.claim(sessionId);
      if (asking) await within(WAIT_MS, this.ask(asking));
    } catch (error) {
      this.logger.warn({ msg: 'The provider could not be asked for a role, which stays', err: error });
    }
  }

  /** Claims the asking, so that parallel refreshes, also of other processes, do not use one refresh token twice. */
  private async claim(sessionId: string): Promise<Asking | undefined> {
    const now = this.database.clock.now();
    const [row] = await this.log.write(({ all }) => all(CLAIM_ASKING, [sessionId, now, now - ASK_EVERY_MS]));
    return row && { sessionId, issuer: String(row['issuer']), sealed: String(row['provider_tokens']) };
  }

  /** Never rejects. */
  private async ask(asking: Asking): Promise<void> {
    const provider = this.providers.ofIssuer(asking.issuer);
    if (!(provider instanceof OidcProvider) || !provider.setsRoles) return;
    try {
      await this.askProvider(provider, asking);
    } catch (error) {
      const cause = error instanceof LoginFailure ? error.cause : error;
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (cause instanceof ProviderFailure && cause.code === 'invalid_grant') {
        this.logger.log(`${provider.config.label} has ended the access of a session: ${reason}`);
        await this.end(asking.sessionId);
      } else {
        this.logger.warn(`${provider.config.label} (${provider.id}) was asked for a role, which stays: it ${reason}`);
      }
    }
  }

  private async askProvider(provider: OidcProvider, { sessionId, issuer, sealed }: Asking): Promise<void> {
    const held = await this.vault.tokens(sealed);
    if (!held) return;
    const { role, tokens } = await provider.askRole(held);
    // First: the provider may accept the former refresh token only once.
    if (tokens) {
      const next = await this.vault.seal(JSON.stringify(tokens));
      await this.log.write(({ all }) => all(KEEP_TOKENS, [sessionId, next]));
    }
    if (role !== undefined) await this.accounts.refreshRole({ issuer, subject: held.subject, role });
  }

  private async end(sessionId: string): Promise<void> {
    try {
      await this.log.write((transaction) => this.sessions.endWithin(transaction, sessionId));
    } catch (error) {
      this.logger.warn({ msg: 'A session that its provider has ended could not be ended', err: error });
    }
  }
}
