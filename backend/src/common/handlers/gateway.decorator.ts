import { applyDecorators, type ArgumentsHost, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { isRetryable, type Reply, type ReplyError } from '../../protocol/index.js';
import { describeError } from '../describe-error.js';

/** The index of the callback in Nest's arguments of a socket handler: `[socket, payload, acknowledge, event]`. */
const ACKNOWLEDGE = 2;

/** Converts an error for a reply. */
export function replyErrorOf(exception: unknown): ReplyError {
  const { code, message, retryAfterMs, resetsAt } = describeError(exception);
  return {
    code,
    message,
    retryable: isRetryable(code),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(resetsAt !== undefined && { resetsAt }),
  };
}

/** Sends a reply, if the client has asked for an acknowledgement. */
export function acknowledge(callback: unknown, reply: Reply<unknown>): void {
  if (isCallback(callback)) callback(reply);
}

const isCallback = (value: unknown): value is (reply: Reply<unknown>) => void => typeof value === 'function';

/** Acknowledges failed events; with Nest alone the client would get no acknowledgement. */
@Catch()
class ReplyFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const reply: Reply<never> = { ok: false, error: replyErrorOf(exception) };
    acknowledge(host.getArgByIndex<unknown>(ACKNOWLEDGE), reply);
  }
}

/**
 * Acknowledges an event exactly once: with the reply of the filter, or with the result of the handler.
 * @param acknowledgement the client's callback, if it sent one
 * @param handle runs the handler; Nest must use the given function instead of the client's callback
 * @param answered gets the reply, whether or not the client asked for one
 */
export function replyOnce(
  acknowledgement: unknown,
  handle: (acknowledge: (reply: Reply<unknown>) => void) => Promise<unknown>,
  answered: (reply: Reply<unknown>) => void,
): void {
  let isAnswered = false;
  const reply = (answer: Reply<unknown>): void => {
    if (isAnswered) return;
    isAnswered = true;
    acknowledge(acknowledgement, answer);
    answered(answer);
  };
  handle(reply).then(
    (data) => reply({ ok: true, data: data ?? {} }),
    (error: unknown) => reply({ ok: false, error: replyErrorOf(error) }),
  );
}

/** A class whose `@SubscribeMessage` handlers answer every event with exactly one `Reply`, see `replyOnce`. */
export const Gateway = (): ClassDecorator => applyDecorators(WebSocketGateway(), UseFilters(ReplyFilter));
