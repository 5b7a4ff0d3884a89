import { Injectable } from '@nestjs/common';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { ChatApiService } from '../chat/sending/chat-api.service.js';
import { ChatService } from '../chat/sending/chat.service.js';
import { CallFailed } from '../common/program-error.js';
import type { Caller } from '../common/handlers/principal.js';
import { ChatError, messageText } from '../protocol/index.js';
import type { CompletionCall } from '../protocol/openai/completion-request.js';
import type { CompletionEnd } from './completion-answers.js';
import { ReplyFollower } from './reply-follower.js';
import { finishOf } from './run-failures.js';

export interface Asked {
  /** The id of the completion, and of the run if nothing is kept. */
  readonly id: string;
  readonly call: CompletionCall;
  readonly conversationId: string | undefined;
  /** The same key with the same message means the same request again. */
  readonly idempotencyKey: string | undefined;
  /** The client has gone, or may not go on. */
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
}

/** Answers the calls of programs: by a run in a conversation, or by one whose reply is not kept. */
@Injectable()
export class CompletionsService {
  constructor(
    private readonly chat: ChatService,
    private readonly chatApi: ChatApiService,
    private readonly follower: ReplyFollower,
  ) {}

  /**
   * Resolves when the run has ended; `onText` has received the whole reply then. When `signal` is aborted, a run in a
   * conversation goes on, any other is stopped.
   * @throws ChatError before the run starts, see `ChatService`; CallFailed when it fails
   */
  answer(caller: Caller, asked: Asked): Promise<CompletionEnd> {
    const { conversationId } = asked;
    return conversationId === undefined ? this.unkept(caller, asked) : this.kept(caller, conversationId, asked);
  }

  private async unkept({ userId }: Caller, { id, call, signal, onText }: Asked): Promise<CompletionEnd> {
    const { model, history, systemPrompt, sampling, stop } = call;
    const settings = { systemPrompt, ...sampling };
    const end = await named(this.chat.askUnkept({ id, userId, model, history, settings, stop, signal, onText }));
    const finishReason = finishOf({ ...end.error, status: end.status });
    return { finishReason, usage: end.usage };
  }

  /** Sends the last message to the conversation, which has its own history and instructions. */
  private async kept(
    caller: Caller,
    conversationId: string,
    { call, idempotencyKey, onText }: Asked,
  ): Promise<CompletionEnd> {
    const { model, sampling, stop } = call;
    const text = textOf(call);
    const clientMessageId = idempotencyKey === undefined ? uuidv7() : uuidv5(idempotencyKey, caller.userId);
    using reply = this.follower.follow(conversationId, onText);
    const command = { clientMessageId, conversationId, text, model };
    const { runId } = await named(
      this.chat.ask(caller, { name: 'message:send', command }, { ...sampling, ...(stop && { stop }) }),
    );
    reply.begin(runId);
    const message = await this.chatApi.ended(caller, runId);
    // The rest, if another process has ended the run, and the whole reply of a repeated request.
    const rest = message.text.slice(reply.length);
    if (rest !== '') onText(rest);
    const { inputTokens, outputTokens } = message;
    const isCounted = typeof inputTokens === 'number' && typeof outputTokens === 'number';
    return {
      finishReason: finishInConversation(message),
      usage: isCounted ? { inputTokens, outputTokens } : undefined,
    };
  }
}

type Ended = Awaited<ReturnType<ChatApiService['ended']>>;

/** A failed reply stays in the conversation, so the libraries must not send the message once more. */
function finishInConversation({ status, errorCode }: Ended) {
  try {
    if (status === 'streaming') throw new Error('The run has not ended');
    return finishOf({ status, code: errorCode ?? undefined });
  } catch (error) {
    if (error instanceof CallFailed) throw new CallFailed(error.message, { ...error.options, isFinal: true });
    throw error;
  }
}

/** The question. @throws ChatError `bad_request` or `too_large` for a text that a message cannot have */
function textOf({ history }: CompletionCall): string {
  const text = messageText.safeParse(history.at(-1)?.text);
  if (text.success) return text.data;
  const [issue] = text.error.issues;
  const isTooLarge = issue?.code === 'custom' && issue.params?.['code'] === 'too_large';
  throw new ChatError(isTooLarge ? 'too_large' : 'bad_request', `messages: the last one ${issue?.message}`, {
    param: 'messages',
  });
}

/** Gives an unknown model OpenAI's name. */
async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== 'bad_request' || !error.message.startsWith('model: '))
      throw error;
    throw modelNotFound();
  }
}

export const modelNotFound = (): CallFailed =>
  new CallFailed('The model does not exist or is not offered to you.', {
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    param: 'model',
  });
