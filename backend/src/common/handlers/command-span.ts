import { acknowledge } from './gateway.decorator.js';
import { currentRequestId } from '../request-id.js';
import type { Reply } from '../../protocol/index.js';
import { isFaultCode } from '../../tracing/fault.js';
import { underSpan } from '../../tracing/span.js';
import type { Tracing } from '../../tracing/tracing.js';

/**
 * Answers a command under a span, the beginning of a trace, which ends with the reply. What is in the command is not
 * recorded.
 * @param acknowledgement the client's callback, if it sent one
 * @param answer calls the given callback once
 */
export function traceCommand(
  tracing: Tracing,
  command: string,
  acknowledgement: unknown,
  answer: (acknowledgement: unknown) => void,
): void {
  const span = tracing.begin(command, {
    role: 'server',
    attributes: { 'lockstep.command': command, 'lockstep.request.id': currentRequestId() },
  });
  if (!span) return answer(acknowledgement);
  const reply = (result: Reply<unknown>): void => {
    const code = result.ok ? 'ok' : result.error.code;
    span.set({ 'lockstep.result': code });
    if (isFaultCode(code)) span.failed(code);
    acknowledge(acknowledgement, result);
    span.end();
  };
  underSpan(span, () => answer(reply));
}
