import { OnCommand } from '../common/handlers/on-command.decorator.js';
import type { Principal } from '../common/handlers/principal.js';
import { Gateway } from '../common/handlers/gateway.decorator.js';
import type { Command, CommandResults } from '../protocol/index.js';
import { ChatService } from './sending/chat.service.js';
import { QueueService } from './queue/queue.service.js';
import { RatingsService } from './messages/ratings.service.js';

/** The commands for messages, queued messages, runs and ratings. */
@Gateway()
export class ChatGateway {
  constructor(
    private readonly chat: ChatService,
    private readonly ratings: RatingsService,
    private readonly queue: QueueService,
  ) {}

  @OnCommand('message:send')
  send(principal: Principal, command: Command<'message:send'>): Promise<CommandResults['message:send']> {
    return this.chat.ask(principal, { name: 'message:send', command });
  }

  @OnCommand('message:edit')
  edit(principal: Principal, command: Command<'message:edit'>): Promise<CommandResults['message:edit']> {
    return this.chat.ask(principal, { name: 'message:edit', command });
  }

  @OnCommand('message:regenerate')
  regenerate(
    principal: Principal,
    command: Command<'message:regenerate'>,
  ): Promise<CommandResults['message:regenerate']> {
    return this.chat.ask(principal, { name: 'message:regenerate', command });
  }

  @OnCommand('message:continue')
  continue(principal: Principal, command: Command<'message:continue'>): Promise<CommandResults['message:continue']> {
    return this.chat.ask(principal, { name: 'message:continue', command });
  }

  @OnCommand('message:rate')
  rate(principal: Principal, command: Command<'message:rate'>): Promise<void> {
    return this.ratings.rate(principal, command);
  }

  @OnCommand('queue:update')
  updateQueued(principal: Principal, command: Command<'queue:update'>): Promise<void> {
    return this.queue.update(principal, command);
  }

  @OnCommand('queue:remove')
  removeQueued(principal: Principal, command: Command<'queue:remove'>): Promise<void> {
    return this.queue.remove(principal, command);
  }

  @OnCommand('queue:send')
  sendQueued(principal: Principal, command: Command<'queue:send'>): Promise<CommandResults['queue:send']> {
    return this.queue.send(principal, command);
  }

  @OnCommand('run:stop')
  stop(principal: Principal, command: Command<'run:stop'>): Promise<CommandResults['run:stop']> {
    return this.chat.stop(principal, command);
  }
}
