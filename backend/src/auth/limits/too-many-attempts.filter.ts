import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { ThrottlerException } from '@nestjs/throttler';
import type { Response } from 'express';

/** For routes that a person's browser opens by itself: the status is for programs, the page behind it for the person. */
@Catch(ThrottlerException)
export class TooManyAttemptsFilter implements ExceptionFilter {
  catch({ message }: ThrottlerException, host: ArgumentsHost): void {
    tooManyAttempts(host.switchToHttp().getResponse<Response>(), message);
  }
}

/** A browser follows no `Location` of a refusal, but every one obeys `Refresh`. The guard has set `Retry-After`. */
export function tooManyAttempts(response: Response, message: string): void {
  response.status(429).set('Refresh', '0; url=/login-failed?error=too_many_attempts').type('text/plain').send(message);
}
