import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Role } from '../../protocol/index.js';

/** Who acts, read from the current rows for this very request or event (`A1`). */
export interface Principal {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
}

const principals = new WeakMap<object, Principal>();

/** Where the principal of a context is kept: the HTTP request, or the socket. */
export function carrierOf(context: ExecutionContext): object {
  return context.getType() === 'ws'
    ? context.switchToWs().getClient<object>()
    : context.switchToHttp().getRequest<object>();
}

/** Called by the guard alone, before a handler runs. */
export const setPrincipal = (carrier: object, principal: Principal): void => void principals.set(carrier, principal);

/** A handler's parameter: whoever the guard has let in. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal =>
  principalOf(carrierOf(context)),
);

/** Whoever the guard has let in with this request or socket. */
export function principalOf(carrier: object): Principal {
  const principal = principals.get(carrier);
  if (!principal) throw new Error('A public handler has no principal');
  return principal;
}
