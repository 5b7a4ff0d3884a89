import { applyDecorators, type ArgumentsHost, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { isRetryable, type Reply, type ReplyError } from '../../protocol/index.js';
import { describeError } from '../describe-error.js';

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

/**
 * Answers an event exactly once: as the filter has done it, or with what the handler resolved to.
 * @param acknowledgement what the client wants to be answered through, if it does
 * @param handle takes what Nest shall answer through instead
 */
export function replyOnce(
  acknowledgement: unknown,
  handle: (acknowledge: (reply: Reply<unknown>) => void) => Promise<unknown>,
): void {
  let isAnswered = false;
  const reply = (answer: Reply<unknown>): void => {
    if (isAnswered) return;
    isAnswered = true;
    acknowledge(acknowledgement, answer);
  };
  handle(reply).then(
    (data) => reply({ ok: true, data: data ?? {} }),
    (error: unknown) => reply({ ok: false, error: replyErrorOf(error) }),
  );
}

/** A class whose `@SubscribeMessage` handlers answer every event with exactly one `Reply`, see `replyOnce`. */
export const Gateway = (): ClassDecorator => applyDecorators(WebSocketGateway(), UseFilters(ReplyFilter));
