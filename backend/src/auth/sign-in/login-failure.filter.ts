import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { LimitReached } from '../../limits/rate-limits.js';
import { RefusedAttempts } from '../../users/admin/refused-attempts.js';
import { LoginFailure } from './login-failure.js';
import { tooManyAttempts } from '../limits/too-many-attempts.js';

/** Redirects every failure to an error page, because a browser has navigated there. */
@Catch()
@Injectable()
export class LoginFailureFilter implements ExceptionFilter {
  private readonly logger = new Logger(LoginFailureFilter.name);

  constructor(private readonly refused: RefusedAttempts) {}

  async catch(exception: unknown, host: ArgumentsHost): Promise<void> {
    const response = host.switchToHttp().getResponse<Response>();
    if (exception instanceof LimitReached) {
      tooManyAttempts(response, exception);
      return;
    }
    const failure = exception instanceof LoginFailure ? exception : undefined;
    if (!failure) this.logger.error({ msg: 'A sign-in failed unexpectedly', err: exception });
    // Only the message of the cause, since errors of the provider's client contain whole responses.
    else if (failure.cause instanceof Error) {
      const line = `${failure.message}: ${failure.cause.message}`;
      // An error, because no sign-in works until the operator fixes the configuration.
      if (failure.code === 'provider_misconfigured') this.logger.error(line);
      else this.logger.warn(line);
    }
    const reason = failure?.code ?? 'provider_error';
    const detail = { reason, ...(failure?.email !== undefined && { email: failure.email }) };
    await this.refused.record({ action: 'sign_in.failed', actorId: null, target: failure?.account, detail });
    const at = failure?.providerId === undefined ? '' : `&provider=${failure.providerId}`;
    response.redirect(303, `/login-failed?error=${reason}${at}`);
  }
}

/** For the start of a sign-in; other errors are answered with a problem document. */
@Catch(LoginFailure, LimitReached)
@Injectable()
export class StartFailureFilter extends LoginFailureFilter {}
