import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { CurrentPrincipal, type Principal } from '../users/principal.js';
import { Gateway } from '../edge/gateway.decorator.js';
import { type Command, type CommandResults, commands } from '../protocol/index.js';
import { ChatService } from './chat.service.js';
import { ConversationsService } from './conversations.service.js';
import { DeletionsService } from './deletions.service.js';
import { DraftsService } from './drafts.service.js';
import { QueueService } from './queue.service.js';
import { RatingsService } from './ratings.service.js';

/** The commands of a chat, as they come over the socket. */
@Gateway()
export class ChatGateway {
  constructor(
    private readonly chat: ChatService,
    private readonly conversations: ConversationsService,
    private readonly deletions: DeletionsService,
    private readonly drafts: DraftsService,
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

  @SubscribeMessage('draft:set')
  setDraft(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['draft:set'] }) command: Command<'draft:set'>,
  ): Promise<void> {
    return this.drafts.set(principal, command);
  }

  @SubscribeMessage('run:stop')
  stop(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['run:stop'] }) command: Command<'run:stop'>,
  ): Promise<CommandResults['run:stop']> {
    return this.chat.stop(principal, command);
  }

  @SubscribeMessage('conversation:update')
  update(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['conversation:update'] }) command: Command<'conversation:update'>,
  ): Promise<CommandResults['conversation:update']> {
    const { conversationId, ...changes } = command;
    return this.conversations.update(principal, conversationId, changes);
  }

  @SubscribeMessage('conversation:delete')
  delete(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['conversation:delete'] }) command: Command<'conversation:delete'>,
  ): Promise<void> {
    return this.deletions.delete(principal, command.conversationId);
  }

  @SubscribeMessage('conversation:restore')
  restore(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['conversation:restore'] }) command: Command<'conversation:restore'>,
  ): Promise<CommandResults['conversation:restore']> {
    return this.deletions.restore(principal, command.conversationId);
  }
}
