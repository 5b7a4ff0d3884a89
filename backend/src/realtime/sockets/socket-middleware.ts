import type { Limits } from '../../config/config.js';
import { acknowledge, replyErrorOf } from '../../common/handlers/gateway.decorator.js';
import { withRequestId } from '../../common/request-id.js';
import { ChatError, commands } from '../../protocol/index.js';
import type { ChatSocket } from './chat-socket.js';
import { EventRate } from './event-rate.js';

/** Passes known events within the rate limit to their handlers, under a request id; refuses others at once. */
export function guardIncoming(socket: ChatSocket, limits: Limits): void {
  const rate = new EventRate(limits.eventsPerSecond, limits.eventsBurst);
  socket.use((event, next) => {
    const waitMs = rate.take();
    if (waitMs > 0) {
      refuse(event, new ChatError('rate_limited', 'Too many events on one connection.', { retryAfterMs: waitMs }));
    } else if (!Object.hasOwn(commands, event[0])) {
      refuse(event, new ChatError('bad_request', 'There is no such event.'));
    } else {
      withRequestId(next, socket.data.address);
    }
  });
}

function refuse(event: readonly unknown[], error: ChatError): void {
  acknowledge(event.at(-1), { ok: false, error: replyErrorOf(error) });
}
