import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { CurrentPrincipal, type Principal } from '../../users/principal.js';
import { Gateway } from '../../common/gateway.decorator.js';
import { type Command, type CommandResults, commands } from '../../protocol/index.js';
import { ConversationsService } from './conversations.service.js';
import { DeletionsService } from './deletions.service.js';
import { DraftsService } from '../drafts/drafts.service.js';

/** What one does with a conversation as a whole, and with what is typed in it: the commands, as the socket brings them. */
@Gateway()
export class ConversationsGateway {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly deletions: DeletionsService,
    private readonly drafts: DraftsService,
  ) {}

  @SubscribeMessage('draft:set')
  setDraft(
    @CurrentPrincipal() principal: Principal,
    @MessageBody({ schema: commands['draft:set'] }) command: Command<'draft:set'>,
  ): Promise<void> {
    return this.drafts.set(principal, command);
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
