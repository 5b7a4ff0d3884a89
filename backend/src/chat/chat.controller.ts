import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import type { z } from 'zod';
import { CurrentPrincipal, type Principal } from '../users/principal.js';
import { bodies } from '../protocol/index.js';
import { type ScriptAnswer, ScriptsService } from './scripts.service.js';

/** The chat for programs that would rather not open a socket. */
@Controller('api')
export class ChatController {
  constructor(private readonly scripts: ScriptsService) {}

  @Post('chat')
  @HttpCode(200)
  ask(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: bodies.chat }) body: z.infer<typeof bodies.chat>,
  ): Promise<ScriptAnswer> {
    return this.scripts.ask(principal, body);
  }
}
