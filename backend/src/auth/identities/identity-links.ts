import { Injectable } from '@nestjs/common';
import type { LinkedIdentity } from '../../protocol/http/index.js';
import { ChatError } from '../../protocol/index.js';
import { RefusedAttempts } from '../../users/admin/refused-attempts.js';
import { LinkCodes } from '../sign-in/link-codes.js';
import { LinkedIdentities } from './linked-identities.js';

/** Links the identity of a finished sign-in to the account that is signed in. */
@Injectable()
export class IdentityLinks {
  constructor(
    private readonly codes: LinkCodes,
    private readonly identities: LinkedIdentities,
    private readonly refused: RefusedAttempts,
  ) {}

  /**
   * Linking an identity that is linked already changes nothing. What is refused is recorded.
   * @throws ChatError `unauthenticated` for an invalid code; `identity_taken` if the identity has another account
   */
  async link(userId: string, code: string, verifier: string): Promise<LinkedIdentity[]> {
    const identity = await this.codes.redeem(code, verifier);
    if (!identity) {
      await this.refused.record({ action: 'identity.refused', actorId: userId, detail: { reason: 'code_unknown' } });
      throw new ChatError('unauthenticated', 'The sign-in cannot be finished: please try again.');
    }
    const linked = await this.identities.link(userId, identity);
    if (linked) return linked;
    const { issuer, email } = identity;
    const detail = { reason: 'identity_taken', provider: this.identities.labelOf(issuer), issuer, email };
    await this.refused.record({ action: 'identity.refused', actorId: userId, detail });
    throw new ChatError('identity_taken', 'This identity has an account of its own. Accounts are not merged.');
  }
}
