import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { z } from 'zod';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Answers } from '../common/handlers/answers.decorator.js';
import { answerPatiently } from '../common/patient-answer.js';
import { type Caller, CurrentCaller } from '../common/handlers/principal.js';
import { TokenScopes } from '../common/handlers/roles.decorator.js';
import { bodies, lateChatAnswer } from '../protocol/http/index.js';
import { ChatApiService } from './sending/chat-api.service.js';

/** The chat over HTTP, for programs that do not use a socket. */
@Controller('api')
export class ChatController {
  constructor(
    private readonly chatApi: ChatApiService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('chat')
  @HttpCode(200)
  @TokenScopes('chat')
  @Answers(
    'Send a message and wait for the reply',
    { 200: lateChatAnswer },
    { refuses: ['not_found', 'run_active', 'idempotency_mismatch', 'rate_limited', 'budget_exceeded', 'draining'] },
  )
  ask(
    @CurrentCaller() caller: Caller,
    @Body({ schema: bodies.chat }) body: z.infer<typeof bodies.chat>,
    @Res() response: Response,
  ): Promise<void> {
    return answerPatiently(response, this.config.keepAliveMs, this.chatApi.ask(caller, body));
  }
}
