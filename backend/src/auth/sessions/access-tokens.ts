import { createSecretKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Clock } from '../../database/clock.js';
import { ChatError, uuid } from '../../protocol/index.js';
import { deriveKey } from '../derived-key.js';
import { sha256 } from '../hash.js';

export const ACCESS_TOKEN_SECONDS = 600;
/** How many tokens are remembered as good: those of the tabs that come back after a restart. */
const REMEMBERED = 10_000;
/** RFC 9068: no other token of this server can be taken for an access token. */
const TYPE = 'at+jwt';

const verified = z.object({
  header: z.object({ typ: z.literal(TYPE) }),
  payload: z.object({ sub: uuid, sid: uuid, iat: z.int(), exp: z.int() }),
});

/** Whose token it is; `expiresAt` in milliseconds since 1970. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: number;
  /** The same by `performance.now()`, which no step of a clock moves. */
  readonly goodUntil: number;
}

/** Signs and checks access tokens after RFC 8725: one algorithm, a key of their own, every claim required. */
@Injectable()
export class AccessTokens {
  private readonly jwt: JwtService;
  /** By the hash of a token whose signature was checked. What its session is worth is asked for elsewhere. */
  private readonly remembered = new Map<string, TokenClaims>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly clock: Clock,
  ) {
    // A key object: what is given as bytes is taken for a public key first, each time, in vain.
    const key = createSecretKey(deriveKey(config.appSecret, 'access-token'));
    this.jwt = new JwtService({ secretOrKeyProvider: () => key });
  }

  issue(user: { readonly id: string }, sessionId: string): string {
    const iat = this.seconds;
    const token = this.jwt.sign(
      // Without `iat` it would be the time of this machine, which need not be that of the process that checks the token.
      { sub: user.id, sid: sessionId, iat },
      {
        header: { alg: 'HS256', typ: TYPE },
        expiresIn: ACCESS_TOKEN_SECONDS,
        issuer: this.issuer,
        audience: this.audience,
      },
    );
    // From here on by the monotonic clock: a step of the other must not end what was given a moment before.
    this.remember(sha256(token), this.claims(user.id, sessionId, iat + ACCESS_TOKEN_SECONDS));
    return token;
  }

  /** @throws ChatError `unauthenticated` for anything but a token that `issue` made and that is still good */
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

  /** @param exp in seconds, as the token has it */
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
    try {
      return this.jwt.verify<object>(token, {
        algorithms: ['HS256'],
        issuer: this.issuer,
        audience: this.audience,
        clockTimestamp: this.seconds,
        complete: true,
      });
    } catch (error) {
      throw badToken(error);
    }
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

const badToken = (cause: unknown): ChatError =>
  new ChatError('unauthenticated', 'The access token is not valid.', { cause });
