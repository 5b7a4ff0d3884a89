import { Injectable } from '@nestjs/common';
import { Principals } from '../auth/sessions/principals.js';
import { TokenPrincipals } from '../auth/tokens/token-principals.js';
import type { Principal, TokenPrincipal } from '../common/handlers/principal.js';
import { DEFAULT_ROLES } from '../common/handlers/roles.decorator.js';
import { ChatError } from '../protocol/index.js';

/** Within the two seconds of `A2`. */
const EVERY_MS = 1_500;

/** Watches whether the caller of a long request may still make it (`A2`). */
@Injectable()
export class CallerWatch {
  constructor(
    private readonly sessions: Principals,
    private readonly tokens: TokenPrincipals,
  ) {}

  /**
   * Calls `refuse` once when the token or session has ended, the account was disabled, or the role does not allow the
   * call any more.
   */
  watch(caller: Principal | TokenPrincipal, refuse: (error: ChatError) => void): Disposable {
    const timer = setInterval(() => {
      this.check(caller).catch((error: unknown) => {
        // While the database cannot be read nothing is known; the next round asks again.
        if (!(error instanceof ChatError) || error.code === 'storage') return;
        clearInterval(timer);
        refuse(error);
      });
    }, EVERY_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  private async check(caller: Principal | TokenPrincipal): Promise<void> {
    const { role } = await ('tokenId' in caller
      ? this.tokens.loadAgain(caller.tokenId)
      : this.sessions.load(caller.userId, caller.sessionId));
    if (!DEFAULT_ROLES.includes(role)) throw new ChatError('forbidden', 'Your role does not allow this.');
  }
}
