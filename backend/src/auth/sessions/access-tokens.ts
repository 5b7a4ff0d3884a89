import { createSecretKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Clock } from '../../database/clock.js';
import { ChatError, uuid } from '../../protocol/index.js';
import { deriveKeys } from '../derived-key.js';
import { sha256 } from '../hash.js';

export const ACCESS_TOKEN_SECONDS = 600;
/** The size of the cache of verified tokens, enough for all tabs that reconnect after a restart. */
const REMEMBERED = 10_000;
/** The `typ` of RFC 9068, so that no other token of this server is accepted as an access token. */
const TYPE = 'at+jwt';

const verified = z.object({
  header: z.object({ typ: z.literal(TYPE) }),
  payload: z.object({ sub: uuid, sid: uuid, iat: z.int(), exp: z.int() }),
});

/** The claims of a verified token; `expiresAt` is in milliseconds since 1970. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: number;
  /** The same by `performance.now()`, which is not affected by steps of the clock. */
  readonly goodUntil: number;
}

/** Signs and verifies access tokens as RFC 8725 advises: one algorithm, a separate key, every claim required. */
@Injectable()
export class AccessTokens {
  private readonly jwt: JwtService;
  /** One for each key that is accepted. */
  private readonly verifiers: readonly JwtService[];
  /** The claims of tokens with a verified signature, by hash. The session itself is checked by `Principals`. */
  private readonly remembered = new Map<string, TokenClaims>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly clock: Clock,
  ) {
    const { current, accepted } = deriveKeys(config, 'access-token');
    this.jwt = serviceWith(current);
    this.verifiers = accepted.map(serviceWith);
  }

  issue(user: { readonly id: string }, sessionId: string): string {
    const iat = this.seconds;
    const token = this.jwt.sign(
      // By the shared clock: the default for `iat` is the clock of this machine, which may differ from other processes.
      { sub: user.id, sid: sessionId, iat },
      {
        header: { alg: 'HS256', typ: TYPE },
        expiresIn: ACCESS_TOKEN_SECONDS,
        issuer: this.issuer,
        audience: this.audience,
      },
    );
    // Remembered by the monotonic clock, so that a step of the clock does not expire a new token.
    this.remember(sha256(token), this.claims(user.id, sessionId, iat + ACCESS_TOKEN_SECONDS));
    return token;
  }

  /** @throws ChatError `unauthenticated` for anything but an unexpired token of `issue` */
  verify(token: string): TokenClaims {
    const hash = sha256(token);
    const known = this.remembered.get(hash);
    if (known && known.goodUntil > performance.now()) return known;
    const parsed = verified.safeParse(this.decode(token));
    if (!parsed.success) throw badToken(parsed.error);
    const { sub, sid, exp } = parsed.data.payload;
    const claims = this.claims(sub, sid, exp);
    this.remember(hash, claims);
    return claims;
  }

  /** @param exp in seconds since 1970, as in the token */
  private claims(userId: string, sessionId: string, exp: number): TokenClaims {
    const expiresAt = exp * 1000;
    return { userId, sessionId, expiresAt, goodUntil: performance.now() + expiresAt - this.clock.now() };
  }

  private remember(hash: string, claims: TokenClaims): void {
    for (const oldest of this.remembered.keys()) {
      if (this.remembered.size < REMEMBERED) break;
      this.remembered.delete(oldest);
    }
    this.remembered.set(hash, claims);
  }

  private decode(token: string): unknown {
    let failure: unknown;
    for (const jwt of this.verifiers) {
      try {
        return jwt.verify<object>(token, {
          algorithms: ['HS256'],
          issuer: this.issuer,
          audience: this.audience,
          clockTimestamp: this.seconds,
          complete: true,
        });
      } catch (error) {
        failure = error;
      }
    }
    throw badToken(failure);
  }

  private get seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  private get issuer(): string {
    return this.config.publicUrl;
  }

  private get audience(): string {
    return `${this.config.publicUrl}/api`;
  }
}

/** With a key object, since the library tries to parse bytes as a public key first, each time. */
function serviceWith(key: Buffer): JwtService {
  const secret = createSecretKey(key);
  return new JwtService({ secretOrKeyProvider: () => secret });
}

const badToken = (cause: unknown): ChatError =>
  new ChatError('unauthenticated', 'The access token is not valid.', { cause });
