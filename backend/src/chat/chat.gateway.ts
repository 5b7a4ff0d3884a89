import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { CurrentPrincipal, type Principal } from '../users/principal.js';
import { Gateway } from '../common/gateway.decorator.js';
import { type Command, type CommandResults, commands } from '../protocol/index.js';
import { ChatService } from './sending/chat.service.js';
import { QueueService } from './queue/queue.service.js';
import { RatingsService } from './messages/ratings.service.js';

/** What is asked, what waits to be asked, and what one thinks of the answer: the commands, as the socket brings them. */
@Gateway()
export class ChatGateway {
  constructor(
    private readonly chat: ChatService,
    private readonly ratings: RatingsService,
    private readonly queue: QueueService,
  ) {}

  @SubscribeMessage('message:send')
  send(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['message:send'] }) command: Command<'message:send'>,
  ): Promise<CommandResults['message:send']> {
    return this.chat.send(principal, command);
  }

  @SubscribeMessage('message:edit')
  edit(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['message:edit'] }) command: Command<'message:edit'>,
  ): Promise<CommandResults['message:edit']> {
    return this.chat.edit(principal, command);
  }

  @SubscribeMessage('message:regenerate')
  regenerate(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['message:regenerate'] }) command: Command<'message:regenerate'>,
  ): Promise<CommandResults['message:regenerate']> {
    return this.chat.regenerate(principal, command);
  }

  @SubscribeMessage('message:continue')
  continue(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['message:continue'] }) command: Command<'message:continue'>,
  ): Promise<CommandResults['message:continue']> {
    return this.chat.continue(principal, command);
  }

  @SubscribeMessage('message:rate')
  rate(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['message:rate'] }) command: Command<'message:rate'>,
  ): Promise<void> {
    return this.ratings.rate(principal, command);
  }

  @SubscribeMessage('queue:update')
  updateQueued(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['queue:update'] }) command: Command<'queue:update'>,
  ): Promise<void> {
    return this.queue.update(principal, command);
  }

  @SubscribeMessage('queue:remove')
  removeQueued(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['queue:remove'] }) command: Command<'queue:remove'>,
  ): Promise<void> {
    return this.queue.remove(principal, command);
  }

  @SubscribeMessage('queue:send')
  sendQueued(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['queue:send'] }) command: Command<'queue:send'>,
  ): Promise<CommandResults['queue:send']> {
    return this.queue.send(principal, command);
  }

  @SubscribeMessage('run:stop')
  stop(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['run:stop'] }) command: Command<'run:stop'>,
  ): Promise<CommandResults['run:stop']> {
    return this.chat.stop(principal, command);
  }
}
