import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Caller } from '../../common/handlers/principal.js';
import { Database } from '../../database/database.js';
import type { bodies, ChatAnswer } from '../../protocol/http/index.js';
import { ChatError } from '../../protocol/index.js';
import { ChatService } from './chat.service.js';
import type { Message } from '../messages/message.entity.js';
import { ownMessage, ownRun } from '../conversations/ownership.js';
import { RunsService } from '../runs/runs.service.js';

const LOOK_AGAIN_MS = 500;

/** The HTTP API for scripts: one request, one complete answer. Open tabs see the reply stream like any other. */
@Injectable()
export class ChatApiService {
  constructor(
    private readonly database: Database,
    private readonly chat: ChatService,
    private readonly runs: RunsService,
  ) {}

  /**
   * Resolves when the run has ended; closing the request does not stop it. Repeating a `clientMessageId` returns the same
   * answer.
   * @throws ChatError as `ChatService.ask`, and `internal` when the model did not complete the answer
   */
  async ask(caller: Caller, body: z.infer<typeof bodies.chat>): Promise<ChatAnswer> {
    const { clientMessageId = uuidv7() } = body;
    // A repeated request must lead to the same conversation.
    const conversationId = body.conversationId ?? uuidv5(clientMessageId, caller.userId);
    const { runId } = await this.chat.ask(caller, {
      name: 'message:send',
      command: {
        clientMessageId,
        conversationId,
        text: body.message,
        ...(body.model !== undefined && { model: body.model }),
      },
    });
    const reply = await this.ended(caller, runId);
    // A reply that reached its limit is still useful.
    if (reply.status === 'failed' && reply.errorCode !== 'model_length') {
      throw new ChatError('internal', `The model did not complete the answer (${reply.errorCode ?? 'unknown'}).`);
    }
    return { reply: reply.text, conversationId, messageId: reply.id };
  }

  /** The reply of a run, when it has ended. */
  async ended(caller: Caller, runId: string): Promise<Message> {
    await this.runs.ended(runId);
    let reply = await this.replyOf(caller, runId);
    // The run of a repeated request may be written by another process.
    for (; reply.status === 'streaming'; reply = await this.replyOf(caller, runId)) await delay(LOOK_AGAIN_MS);
    return reply;
  }

  private replyOf({ userId }: Caller, runId: string): Promise<Message> {
    return this.database.read(async (em) => {
      // By the id of the run, because the message refers to a later run if it was continued in the meantime.
      const { messageId } = await ownRun(em, userId, runId);
      return ownMessage(em, userId, messageId);
    });
  }
}
