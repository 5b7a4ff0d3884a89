import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { LoginFailure } from './login-failure.js';

/** A person, not a program, waits for the answer of the callback: whatever went wrong, they get a page. */
@Catch()
export class LoginFailureFilter implements ExceptionFilter {
  private readonly logger = new Logger(LoginFailureFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const failure = exception instanceof LoginFailure ? exception : undefined;
    if (!failure) this.logger.error('A sign-in failed in a way that nobody expected', exception);
    // The message of the cause alone: errors of the provider's client carry whole answers.
    else if (failure.cause instanceof Error) this.logger.warn(`${failure.message}: ${failure.cause.message}`);
    const response = host.switchToHttp().getResponse<Response>();
    response.redirect(303, `/login-failed?error=${failure?.code ?? 'provider_error'}`);
  }
}
