import { OnCommand } from '../../common/handlers/on-command.decorator.js';
import type { Principal } from '../../common/handlers/principal.js';
import { Gateway } from '../../common/handlers/gateway.decorator.js';
import type { Command, CommandResults } from '../../protocol/index.js';
import { ConversationsService } from './conversations.service.js';
import { DeletionsService } from './deletions.service.js';
import { DraftsService } from '../drafts/drafts.service.js';

/** The commands for conversations as a whole, and for drafts. */
@Gateway()
export class ConversationsGateway {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly deletions: DeletionsService,
    private readonly drafts: DraftsService,
  ) {}

  @OnCommand('draft:set')
  setDraft(principal: Principal, command: Command<'draft:set'>): Promise<void> {
    return this.drafts.set(principal, command);
  }

  @OnCommand('conversation:update')
  update(
    principal: Principal,
    command: Command<'conversation:update'>,
  ): Promise<CommandResults['conversation:update']> {
    const { conversationId, ...changes } = command;
    return this.conversations.update(principal, conversationId, changes);
  }

  @OnCommand('conversation:delete')
  delete(principal: Principal, command: Command<'conversation:delete'>): Promise<void> {
    return this.deletions.delete(principal, command.conversationId);
  }

  @OnCommand('conversation:restore')
  restore(
    principal: Principal,
    command: Command<'conversation:restore'>,
  ): Promise<CommandResults['conversation:restore']> {
    return this.deletions.restore(principal, command.conversationId);
  }
}
