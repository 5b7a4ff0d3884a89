import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { ChatError } from '../../protocol/index.js';
import { Refuses } from '../../common/handlers/answers.decorator.js';
import { LoginFailure } from './login-failure.js';
import { providerFailureOf, providerKindOf } from '../provider-failure.js';

/** Redirects the browser to the provider; the handler does not run. */
@Injectable()
@Refuses('bad_request')
export class StartLoginGuard extends AuthGuard('google') {
  override canActivate(
    context: ExecutionContext,
  ): ReturnType<InstanceType<ReturnType<typeof AuthGuard>>['canActivate']> {
    // With these parameters passport would treat the request as a callback.
    const { query } = context.switchToHttp().getRequest<Request>();
    if (query['code'] || query['error']) throw new ChatError('bad_request', 'This is not the callback.');
    return super.canActivate(context);
  }
}

/** Accepts a callback with valid state, code and claims; the identity is then in `request.user`. */
@Injectable()
export class FinishLoginGuard extends AuthGuard('google') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const { query } = context.switchToHttp().getRequest<Request>();
    // Without these parameters passport would start a new sign-in.
    if (!query['code'] && !query['error']) throw new LoginFailure('state_mismatch');
    return (await super.canActivate(context)) === true;
  }

  override handleRequest<Identity>(error: unknown, identity: Identity | false, info: unknown): Identity {
    if (error instanceof LoginFailure) throw error;
    if (error) throw new LoginFailure(providerKindOf(error), { cause: providerFailureOf(error) ?? error });
    if (identity) return identity;
    throw info instanceof LoginFailure ? info : new LoginFailure('access_denied');
  }
}
