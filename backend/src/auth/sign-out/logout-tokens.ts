import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import type { ServerMetadata } from 'openid-client';
import { z } from 'zod';
import { dateOf } from '../../clock.js';
import { Clock } from '../../database/clock.js';
import { ChatError } from '../../protocol/index.js';
import type { OidcProvider } from '../providers/oidc-provider.js';
import { UsedStates } from '../sign-in/used-states.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Providers send a token at once; an old one may be a replay that is not remembered any more. */
const MAX_AGE_S = 300;
const CLOCK_TOLERANCE_S = 30;

/** The claims of Back-Channel Logout 1.0, 2.4: `sub` or `sid` is required, a `nonce` is forbidden. */
const claims = z
  .object({
    jti: z.string().min(1),
    sub: z.string().min(1).optional(),
    sid: z.string().min(1).optional(),
    events: z.object({ [EVENT]: z.object({}) }),
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/** What the provider has ended. */
export interface LogoutClaims {
  readonly subject: string | undefined;
  readonly providerSession: string | undefined;
}

/** Verifies logout tokens of OpenID Connect Back-Channel Logout 1.0. */
@Injectable()
export class LogoutTokens {
  private readonly keys = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

  constructor(
    private readonly used: UsedStates,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns `undefined` for a token that is invalid, too old, used before or meant for another client
   * @throws ChatError `overloaded` while the provider cannot be asked for its keys
   */
  async verify(provider: OidcProvider, token: string): Promise<LogoutClaims | undefined> {
    const parsed = claims.safeParse(await this.decode(provider, token));
    if (!parsed.success) return undefined;
    const { jti, sub, sid } = parsed.data;
    if (!(await this.used.use(`${provider.issuer} ${jti}`))) return undefined;
    return { subject: sub, providerSession: sid };
  }

  private async decode(provider: OidcProvider, token: string): Promise<JWTPayload | undefined> {
    const metadata = await metadataOf(provider);
    if (metadata.jwks_uri === undefined) return undefined;
    const algorithms = metadata.id_token_signing_alg_values_supported?.filter((name) => /^(RS|PS|ES|Ed)/.test(name));
    try {
      const { payload } = await jwtVerify(token, this.keysAt(metadata.jwks_uri), {
        issuer: metadata.issuer,
        audience: provider.config.clientId,
        algorithms: algorithms ?? ['RS256'],
        maxTokenAge: MAX_AGE_S,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: dateOf(this.clock.now()),
        requiredClaims: ['jti', 'events'],
      });
      return payload;
    } catch (error) {
      // Also keys that could not be fetched: the provider tries again.
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  private keysAt(address: string): ReturnType<typeof createRemoteJWKSet> {
    let keys = this.keys.get(address);
    if (!keys) this.keys.set(address, (keys = createRemoteJWKSet(new URL(address))));
    return keys;
  }
}

async function metadataOf(provider: OidcProvider): Promise<ServerMetadata> {
  try {
    return (await provider.discover()).serverMetadata();
  } catch (cause) {
    throw new ChatError('overloaded', 'The provider cannot be asked for its keys at the moment.', { cause });
  }
}
