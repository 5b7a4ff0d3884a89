import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { bodies, type CreatedToken, createdToken, type TokenList, tokenList } from '../../protocol/http/index.js';
import { uuid } from '../../protocol/index.js';
import { Limited } from '../../limits/limited.decorator.js';
import { perUser } from '../../limits/policy.js';
import { PersonalTokens } from './personal-tokens.js';

/** Limited, because each creation adds an entry to the audit. */
const CREATIONS = perUser('token-creations', 30);

/** The user's own tokens for programs. Only a session may create or end them, so a leaked token cannot renew itself. */
@Controller('api/tokens')
export class TokensController {
  constructor(private readonly tokens: PersonalTokens) {}

  @Get()
  @Answers('List your personal access tokens, newest first', { 200: tokenList })
  async list(@CurrentPrincipal() { userId }: Principal): Promise<TokenList> {
    return { items: await this.tokens.list(userId), nextCursor: null };
  }

  @Post()
  @Limited(CREATIONS)
  @Answers('Create a personal access token; only this answer has the token itself', { 201: createdToken })
  create(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: bodies.token }) body: z.infer<typeof bodies.token>,
  ): Promise<CreatedToken> {
    return this.tokens.create(principal, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Answers(
    'End one of your personal access tokens',
    { 204: { says: 'The token has ended.' } },
    { refuses: ['not_found'] },
  )
  end(@CurrentPrincipal() { userId }: Principal, @Param('id', { schema: uuid }) id: string): Promise<void> {
    return this.tokens.end(userId, userId, id);
  }
}
