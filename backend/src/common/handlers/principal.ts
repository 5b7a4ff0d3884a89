import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Role } from '../../protocol/index.js';

/** The authenticated user of a request or event, read from the current rows (`A1`). */
export interface Principal {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
}

const principals = new WeakMap<object, Principal>();

/** The object that the principal of a context is stored for: the HTTP request or the socket. */
export function carrierOf(context: ExecutionContext): object {
  return context.getType() === 'ws'
    ? context.switchToWs().getClient<object>()
    : context.switchToHttp().getRequest<object>();
}

/** Stores the principal; only the guard calls this, before the handler. */
export const setPrincipal = (carrier: object, principal: Principal): void => void principals.set(carrier, principal);

/** Parameter decorator for the principal of the request or event. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal =>
  principalOf(carrierOf(context)),
);

/** The principal of a request or socket. @throws Error in a public handler */
export function principalOf(carrier: object): Principal {
  const principal = principals.get(carrier);
  if (!principal) throw new Error('A public handler has no principal');
  return principal;
}
