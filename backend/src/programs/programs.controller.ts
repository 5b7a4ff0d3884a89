import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { Answers, type OtherAnswer } from '../common/handlers/answers.decorator.js';
import { CurrentCaller, type Principal, type TokenPrincipal } from '../common/handlers/principal.js';
import { TokenScopes } from '../common/handlers/roles.decorator.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Clock } from '../database/clock.js';
import { ModelAccessService } from '../team/models/model-access.service.js';
import { ChatError, modelId, uuid } from '../protocol/index.js';
import {
  completion,
  programError,
  type ProgramModel,
  programModel,
  type ProgramModels,
  programModels,
} from '../protocol/openai/answers.js';
import { type CompletionCall, completionRequest } from '../protocol/openai/completion-request.js';
import { type CompletionAnswer, StreamedAnswer, WholeAnswer } from './completion-answers.js';
import { CallerWatch } from './caller-watch.js';
import { CompletionsService, modelNotFound } from './completions.service.js';

const failure = (says: string): OtherAnswer => ({ says, content: { 'application/json': programError } });

/** Every error has OpenAI's shape, so these replace the problem documents of other routes. */
const FAILURES = {
  401: failure('No token, or one that has ended or expired.'),
  403: failure('The token has not the scope, or the role does not allow it.'),
  429: failure('Too much at once, here or at the model provider; `Retry-After` says when to try again.'),
  500: failure('A mistake in the server; the request id leads to its log.'),
  503: failure('The server or the model is not available for now.'),
} as const;

const ANSWER: OtherAnswer = {
  says: 'The reply: a document, or with `stream` its chunks as server-sent events.',
  content: { 'application/json': completion, 'text/event-stream': z.string() },
};

/** An API with the shapes of OpenAI's, for programs that know only those. */
@Controller('v1')
export class ProgramsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly clock: Clock,
    private readonly access: ModelAccessService,
    private readonly completions: CompletionsService,
    private readonly watch: CallerWatch,
  ) {}

  @Get('models')
  @TokenScopes('chat', 'read')
  @Answers('List the models in the shape of OpenAI’s API', { 200: programModels, ...FAILURES })
  async models(@CurrentCaller() caller: Principal | TokenPrincipal): Promise<ProgramModels> {
    const { items } = await this.access.offeredTo(caller);
    return { object: 'list', data: items.map(viewModel) };
  }

  @Get('models/:model')
  @TokenScopes('chat', 'read')
  @Answers('Get a model in the shape of OpenAI’s API', {
    200: programModel,
    ...FAILURES,
    400: failure('The id of the model is too long or has characters that no id has.'),
    404: failure('There is no such model, or it is not offered to the caller.'),
  })
  async model(
    @CurrentCaller() caller: Principal | TokenPrincipal,
    @Param('model', { schema: modelId }) wanted: string,
  ): Promise<ProgramModel> {
    const { items } = await this.access.offeredTo(caller);
    const found = items.find(({ id }) => id === wanted);
    if (!found) throw modelNotFound();
    return viewModel(found);
  }

  @Post('chat/completions')
  @HttpCode(200)
  @TokenScopes('chat')
  @Answers('Ask a model in the shape of OpenAI’s API', {
    200: ANSWER,
    ...FAILURES,
    400: failure('A parameter is wrong or not supported; `param` names it.'),
    404: failure('There is no such model or conversation.'),
    409: failure('The conversation is being answered, or the `Idempotency-Key` was used for another message.'),
    413: failure('The body is longer than 2 MB, or the message longer than 32 KiB.'),
    415: failure('The body is not JSON.'),
    502: failure('The model provider answers in a way that cannot be used.'),
    504: failure('The model took too long.'),
  })
  async complete(
    @CurrentCaller() caller: Principal | TokenPrincipal,
    @Body({ schema: completionRequest }) call: CompletionCall,
    @Headers('x-conversation-id') conversation: string | undefined,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const conversationId = conversationOf(call, conversation);
    const id = uuidv7();
    const cut = new AbortController();
    response.once('close', () => cut.abort());
    using answer = this.answerOf(id, call, response);
    using _watching = this.watch.watch(caller, (error) => cut.abort(error));
    const onText = (text: string): void => {
      if (!cut.signal.aborted) answer.text(text);
    };
    const asked = { id, call, conversationId, idempotencyKey, signal: cut.signal, onText };
    try {
      const end = await Promise.race([this.completions.answer(caller, asked), aborted(cut.signal)]);
      answer.end(end);
    } catch (error) {
      // The program has closed the connection.
      if (!response.closed) answer.fail(error);
    }
  }

  private answerOf(
    id: string,
    { model, isStream, includesUsage }: CompletionCall,
    response: Response,
  ): CompletionAnswer {
    const { keepAliveMs } = this.config;
    const head = { id: `chatcmpl-${id}`, created: Math.floor(this.clock.now() / 1000), model };
    return isStream
      ? new StreamedAnswer(response, head, { includesUsage, keepAliveMs })
      : new WholeAnswer(response, head, keepAliveMs);
  }
}

const viewModel = ({ id }: { readonly id: string }): ProgramModel => ({
  id,
  object: 'model',
  created: 0,
  owned_by: 'lockstep',
});

/** The conversation that the call names, in the header or in the metadata. */
function conversationOf({ conversationId }: CompletionCall, header: string | undefined): string | undefined {
  if (header === undefined) return conversationId;
  const named = uuid.safeParse(header);
  if (named.success && named.data === (conversationId ?? named.data)) return named.data;
  throw new ChatError(
    'bad_request',
    named.success
      ? 'X-Conversation-Id: names another conversation than metadata.conversation_id'
      : 'X-Conversation-Id: is not the id of a conversation',
    { param: 'X-Conversation-Id' },
  );
}

/** Rejects with the reason when the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
