import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { addressOf } from '../common/request-id.js';
import { countedAddress } from './counted-address.js';
import { GeneralLimits } from './general-limits.js';
import { LIMITED } from './limited.decorator.js';
import { isLimited } from './limited-paths.js';
import type { Policy } from './policy.js';
import { setLimitHeaders } from './rate-limit-headers.js';
import { LimitReached, RateLimits } from './rate-limits.js';

/** Counts HTTP requests, and tells clients in the headers of every answer what is left. */
@Injectable()
export class RequestLimits {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimits,
    private readonly general: GeneralLimits,
  ) {}

  /**
   * Counts a request by the limit of its route, or by the general one: for a signed-in user that of users, whatever
   * their address, since many people may share one; otherwise that of addresses.
   * @param userId `undefined` on public routes
   * @throws LimitReached
   */
  async take(context: ExecutionContext, userId: string | undefined): Promise<void> {
    const own = this.reflector.getAllAndOverride<Policy | undefined>(LIMITED, [
      context.getHandler(),
      context.getClass(),
    ]);
    await this.count(context, own ?? this.general.of(userId === undefined ? 'address' : 'user'), userId);
  }

  /** Counts a request whose token is not valid: guessing tokens is limited for each address. @throws LimitReached */
  async takeUnauthenticated(context: ExecutionContext): Promise<void> {
    await this.count(context, this.general.of('address'), undefined);
  }

  private async count(context: ExecutionContext, policy: Policy, userId: string | undefined): Promise<void> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    if (!isLimited(request.path)) return;
    const subject = policy.per === 'user' ? userId : countedAddress(addressOf(request.ip));
    if (subject === undefined) return;
    const quota = await this.limits.take(policy, subject);
    setLimitHeaders(http.getResponse<Response>(), quota);
    if (quota.isRefused) throw new LimitReached(policy, quota.msLeft);
  }
}
