import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { type Command, type CommandName, type CommandResults, commands } from '../../protocol/index.js';
import { CurrentPrincipal, type Principal } from './principal.js';

/** The result of a handler; `void` if the reply to the command is empty. */
type Result<Name extends CommandName> =
  CommandResults[Name] extends Record<string, never> ? void : CommandResults[Name];

/** A handler may declare its own type of the socket. */
type Handler<Name extends CommandName> = (
  principal: Principal,
  command: Command<Name>,
  socket: never,
) => Promise<Result<Name>>;

/**
 * Marks the handler of a command. It is called with the principal, the payload as parsed by the schema in `commands`,
 * and the socket, and returns the result in `CommandResults`. The types follow from the name too.
 */
export const OnCommand =
  <Name extends CommandName>(name: Name) =>
  <Method extends Handler<Name>>(target: object, key: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    CurrentPrincipal()(target, key, 0);
    MessageBody({ schema: commands[name] })(target, key, 1);
    ConnectedSocket()(target, key, 2);
    SubscribeMessage(name)(target, key, descriptor);
  };
