import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Refuses } from '../../common/handlers/answers.decorator.js';
import { ChatError } from '../../protocol/index.js';

/** Fetch Metadata of requests by this page, or by typing the address. https://www.w3.org/TR/fetch-metadata/ */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Refuses requests from pages of other sites, on every route that reads or sets a cookie. `SameSite=Strict` does not
 * protect from pages on another port or subdomain of this site. Clients that are not browsers send neither `Origin` nor
 * `Sec-Fetch-Site`, and have no cookie to misuse.
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
