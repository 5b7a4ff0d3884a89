import { commandReport } from '../../common/handlers/command-report.js';
import { acknowledge, replyErrorOf } from '../../common/handlers/gateway.decorator.js';
import { withRequestId } from '../../common/request-id.js';
import { ChatError, commands } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';
import type { ChatSocket } from './chat-socket.js';
import type { EventRate } from './event-rate.js';

/** Passes known events within the rate limit to their handlers, under a request id; refuses others at once. */
export function guardIncoming(socket: ChatSocket, rate: EventRate): void {
  const pass = async (event: readonly unknown[], next: () => void): Promise<void> => {
    // The answers come in the order of the calls, so the events of a socket keep their order.
    const waitMs = await rate.take(socket.id);
    if (waitMs > 0) {
      telemetry.limitReached.publish({ limit: 'events' });
      refuse(event, new ChatError('rate_limited', 'Too many events on one connection.', { retryAfterMs: waitMs }));
    } else if (!Object.hasOwn(commands, String(event[0]))) {
      refuse(event, new ChatError('bad_request', 'There is no such event.'));
    } else {
      withRequestId(next, socket.data.address);
    }
  };
  socket.use((event, next) => void pass(event, next));
}

function refuse(event: readonly unknown[], error: ChatError): void {
  const report = commandReport(String(event[0]));
  const reply = { ok: false, error: replyErrorOf(error) } as const;
  acknowledge(event.at(-1), reply);
  report(reply);
}
