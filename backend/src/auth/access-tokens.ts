import { createSecretKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ChatError, uuid } from '../protocol/index.js';
import { deriveKey } from './derived-key.js';
import { sha256 } from './hash.js';

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
}

/** Signs and checks access tokens after RFC 8725: one algorithm, a key of their own, every claim required. */
@Injectable()
export class AccessTokens {
  private readonly jwt: JwtService;
  /** By the hash of a token whose signature was checked. What its session is worth is asked for elsewhere. */
  private readonly remembered = new Map<string, TokenClaims>();

  constructor(@Inject(CONFIG) private readonly config: Config) {
    // A key object: what is given as bytes is taken for a public key first, each time, in vain.
    const key = createSecretKey(deriveKey(config.appSecret, 'access-token'));
    this.jwt = new JwtService({ secretOrKeyProvider: () => key });
  }

  issue(user: { readonly id: string }, sessionId: string): string {
    return this.jwt.sign(
      { sub: user.id, sid: sessionId },
      {
        header: { alg: 'HS256', typ: TYPE },
        expiresIn: ACCESS_TOKEN_SECONDS,
        issuer: this.issuer,
        audience: this.audience,
      },
    );
  }

  /** @throws ChatError `unauthenticated` for anything but a token that `issue` made and that is still good */
  verify(token: string): TokenClaims {
    const hash = sha256(token);
    const known = this.remembered.get(hash);
    if (known && known.expiresAt > Date.now()) return known;
    const parsed = verified.safeParse(this.decode(token));
    if (!parsed.success) throw badToken(parsed.error);
    const { sub, sid, exp } = parsed.data.payload;
    const claims = { userId: sub, sessionId: sid, expiresAt: exp * 1000 };
    this.remember(hash, claims);
    return claims;
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
        complete: true,
      });
    } catch (error) {
      throw badToken(error);
    }
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
