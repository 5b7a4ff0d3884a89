import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { carrierOf, findCaller } from '../../common/handlers/principal.js';
import { RequestLimits } from '../../limits/request-limits.js';
import { ChatError } from '../../protocol/index.js';
import { RolesGuard } from './roles.guard.js';

/**
 * The guard of all requests and events: first who calls, then how often. Requests are counted for their user, so it has
 * to be known; those without a valid token are counted for their address. Refused requests count too. Sockets have
 * limits of their own.
 */
@Injectable()
export class EntryGuard implements CanActivate {
  constructor(
    private readonly roles: RolesGuard,
    private readonly limits: RequestLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'ws') return this.roles.canActivate(context);
    try {
      await this.roles.canActivate(context);
    } catch (error) {
      if (error instanceof ChatError && error.code === 'unauthenticated')
        await this.limits.takeUnauthenticated(context);
      else if (error instanceof ChatError && error.code === 'forbidden') await this.count(context);
      throw error;
    }
    await this.count(context);
    return true;
  }

  private count(context: ExecutionContext): Promise<void> {
    return this.limits.take(context, findCaller(carrierOf(context))?.userId);
  }
}
