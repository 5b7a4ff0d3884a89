import { Inject, Injectable } from '@nestjs/common';
import { parseCookie } from 'cookie';
import type { CookieOptions, Request, Response } from 'express';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';

const SAME_SITE = { login: 'lax', refresh: 'strict' } as const;
/** `login` is `lax`, because it must be sent after the redirect from the provider, which is another site. */
export type AuthCookie = keyof typeof SAME_SITE;

/** A cookie that scripts can read: it only tells the page that a refresh may succeed. */
const HINT = 'lockstep-session';

/** The cookies for sign-in and refresh. Under https the prefix `__Host-` binds them to this host (RFC 6265bis). */
@Injectable()
export class AuthCookies {
  private readonly isSecure: boolean;

  constructor(@Inject(CONFIG) config: Config) {
    this.isSecure = config.publicUrl.startsWith('https:');
  }

  read(request: Request, cookie: AuthCookie): string | undefined {
    return parseCookie(request.headers.cookie ?? '')[this.nameOf(cookie)] || undefined;
  }

  set(response: Response, cookie: AuthCookie, value: string, lifeMs: number): void {
    response.cookie(this.nameOf(cookie), value, { ...this.optionsOf(cookie), maxAge: lifeMs });
    if (cookie === 'refresh') {
      response.cookie(HINT, '1', { ...this.optionsOf(cookie), httpOnly: false, maxAge: lifeMs });
    }
  }

  clear(response: Response, cookie: AuthCookie): void {
    response.clearCookie(this.nameOf(cookie), this.optionsOf(cookie));
  }

  private nameOf(cookie: AuthCookie): string {
    return `${this.isSecure ? '__Host-' : ''}lockstep-${cookie}`;
  }

  private optionsOf(cookie: AuthCookie): CookieOptions {
    return { httpOnly: true, secure: this.isSecure, sameSite: SAME_SITE[cookie], path: '/' };
  }
}
