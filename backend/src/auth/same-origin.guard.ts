import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ChatError } from '../protocol/index.js';

/**
 * Refuses what another site's page sends. `SameSite=Strict` keeps the cookie from other sites already, but not from
 * another port or subdomain of this one. What is no browser sends no `Origin`, and has no cookie to misuse.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const { origin } = context.switchToHttp().getRequest<Request>().headers;
    if (origin === undefined || origin === this.config.publicUrl) return true;
    throw new ChatError('forbidden', 'The request comes from another site.');
  }
}
