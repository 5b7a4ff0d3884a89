import {
  applyDecorators,
  type ArgumentsHost,
  type CallHandler,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { map, type Observable } from 'rxjs';
import { isRetryable, type Reply, type ReplyError } from '../protocol/index.js';
import { describeError } from './describe-error.js';

/** Nest hands a socket handler `[socket, payload, acknowledge, event]`. */
const ACKNOWLEDGE = 2;

/** How an error looks in a reply. */
export function replyErrorOf(exception: unknown): ReplyError {
  const { code, message, retryAfterMs } = describeError(exception);
  return { code, message, retryable: isRetryable(code), ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Answers, if the client asked for an answer. */
export function acknowledge(callback: unknown, reply: Reply<unknown>): void {
  if (isCallback(callback)) callback(reply);
}

const isCallback = (value: unknown): value is (reply: Reply<unknown>) => void => typeof value === 'function';

/** Acknowledges events that failed, in a guard or in the handler; Nest alone would leave the client waiting. */
@Catch()
class ReplyFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const reply: Reply<never> = { ok: false, error: replyErrorOf(exception) };
    acknowledge(host.getArgByIndex<unknown>(ACKNOWLEDGE), reply);
  }
}

/** Wraps what a handler returns: Nest acknowledges objects only, and takes one with an `event` key for a message. */
@Injectable()
class ReplyInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<unknown>): Observable<Reply<unknown>> {
    return next.handle().pipe(map((data) => ({ ok: true, data: data ?? {} })));
  }
}

/** A class whose `@SubscribeMessage` handlers answer every event with exactly one `Reply`. */
export const Gateway = (): ClassDecorator =>
  applyDecorators(WebSocketGateway(), UseFilters(ReplyFilter), UseInterceptors(ReplyInterceptor));
