import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { type Command, type CommandName, type CommandResults, commands } from '../../protocol/index.js';
import { CurrentPrincipal, type Principal } from './principal.js';

/** What a handler resolves to: nothing where the command's reply is empty. */
type Result<Name extends CommandName> =
  CommandResults[Name] extends Record<string, never> ? void : CommandResults[Name];

/** The socket is of the caller's own type. */
type Handler<Name extends CommandName> = (
  principal: Principal,
  command: Command<Name>,
  socket: never,
) => Promise<Result<Name>>;

/**
 * The handler of a command: it is called with who acts, the payload parsed by the command's schema in `commands`, and the
 * socket, and answers with the command's result in `CommandResults`. One name decides all of it, in the types as well.
 */
export const OnCommand =
  <Name extends CommandName>(name: Name) =>
  <Method extends Handler<Name>>(target: object, key: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    CurrentPrincipal()(target, key, 0);
    MessageBody({ schema: commands[name] })(target, key, 1);
    ConnectedSocket()(target, key, 2);
    SubscribeMessage(name)(target, key, descriptor);
  };
