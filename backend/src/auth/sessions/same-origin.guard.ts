import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Refuses } from '../../common/handlers/answers.decorator.js';
import { ChatError } from '../../protocol/index.js';

/** Fetch Metadata: of this page, or of a person who typed the address. https://www.w3.org/TR/fetch-metadata/ */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Refuses what another site's page sends, on every route that takes or gives a cookie. `SameSite=Strict` keeps the cookie
 * from other sites already, but not from another port or subdomain of this one. What is no browser sends neither
 * `Origin` nor `Sec-Fetch-Site`, and has no cookie to misuse.
 */
@Injectable()
@Refuses('forbidden')
export class SameOriginGuard implements CanActivate {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const { origin, 'sec-fetch-site': site } = context.switchToHttp().getRequest<Request>().headers;
    const isOwnOrigin = origin === undefined || origin === this.config.publicUrl;
    const isOwnSite = site === undefined || (typeof site === 'string' && OWN_SITES.has(site));
    if (isOwnOrigin && isOwnSite) return true;
    throw new ChatError('forbidden', 'The request comes from another site.');
  }
}
