import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Principal } from '../users/principal.js';
import { Database } from '../database/database.js';
import { type bodies, ChatError } from '../protocol/index.js';
import { ChatService } from './chat.service.js';
import { ownMessage, ownRun } from './ownership.js';
import { RunsService } from './runs.service.js';

export interface ScriptAnswer {
  readonly reply: string;
  readonly conversationId: string;
  /** The reply's. */
  readonly messageId: string;
}

/** One question, one answer: what a script wants. Open tabs see it stream like any other. */
@Injectable()
export class ScriptsService {
  constructor(
    private readonly database: Database,
    private readonly chat: ChatService,
    private readonly runs: RunsService,
  ) {}

  /**
   * Resolves when the run has ended; a caller who goes away does not stop it.
   * @throws ChatError as `ChatService.send`, and `internal` when the model gave no whole answer
   */
  async ask(principal: Principal, body: z.infer<typeof bodies.chat>): Promise<ScriptAnswer> {
    const conversationId = body.conversationId ?? uuidv7();
    const { runId } = await this.chat.send(principal, {
      clientMessageId: uuidv7(),
      conversationId,
      text: body.message,
      ...(body.model !== undefined && { model: body.model }),
    });
    await this.runs.ended(runId);
    const reply = await this.database.read(async (em) => {
      // Not by the message's own run: somebody may have continued it meanwhile.
      const { messageId } = await ownRun(em, principal.userId, runId);
      return ownMessage(em, principal.userId, messageId);
    });
    // A limit that was reached takes nothing away from what was said before.
    if (reply.status === 'failed' && reply.errorCode !== 'model_length') {
      throw new ChatError('internal', `The model gave no whole answer (${reply.errorCode ?? 'unknown'}).`);
    }
    return { reply: reply.text, conversationId, messageId: reply.id };
  }
}
