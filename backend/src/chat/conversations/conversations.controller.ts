import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { Answers, type OtherAnswer } from '../../common/handlers/answers.decorator.js';
import { type Caller, CurrentCaller, CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { TokenScopes } from '../../common/handlers/roles.decorator.js';
import { bodies, exportedConversation, page, type Page } from '../../protocol/http/index.js';
import {
  type BranchMessage,
  branchMessage,
  type Conversation,
  conversation,
  type FoundConversation,
  foundConversation,
  uuid,
} from '../../protocol/index.js';
import { type ConversationQuery, conversationQuery } from '../search/conversation-search.js';
import { ConversationsService } from './conversations.service.js';
import { DeletionsService } from './deletions.service.js';
import { ExportService } from './export.service.js';

const messagesQuery = z.strictObject({
  before: uuid.optional(),
  // The page asks for 200 at a time while it loads the messages up to a search hit.
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const exportQuery = z.strictObject({ format: z.enum(['markdown', 'json']).default('markdown') });

const UNLESS_MISSING = { refuses: ['not_found'] } as const;
const EXPORT: OtherAnswer = {
  says: 'The exported file.',
  content: { 'text/markdown': z.string(), 'application/json': exportedConversation },
  headers: { 'Content-Disposition': 'The name of the file, made of the title.' },
};

/** The conversations of the signed-in user over HTTP. */
@Controller('api/conversations')
export class ConversationsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly deletions: DeletionsService,
    private readonly exports: ExportService,
  ) {}

  @Get()
  @TokenScopes('read')
  @Answers('List or search your conversations, last used first', { 200: page(foundConversation) })
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: conversationQuery }) query: ConversationQuery,
  ): Promise<Page<FoundConversation>> {
    return this.conversations.list(caller, query);
  }

  @Get(':id')
  @TokenScopes('read')
  @Answers('Get a conversation', { 200: conversation }, UNLESS_MISSING)
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: uuid }) id: string): Promise<Conversation> {
    return this.conversations.get(caller, id);
  }

  @Patch(':id')
  @Limited(CHANGES)
  @Answers(
    'Update the title, settings, visible branch, or pinned and archived state of a conversation',
    { 200: conversation },
    UNLESS_MISSING,
  )
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: bodies.conversation }) changes: z.infer<typeof bodies.conversation>,
  ): Promise<Conversation> {
    return this.conversations.update(principal, id, changes);
  }

  @Delete(':id')
  @Limited(CHANGES)
  @HttpCode(204)
  @Answers(
    'Delete a conversation',
    { 204: { says: 'The conversation is deleted. It can be restored for a limited time.' } },
    UNLESS_MISSING,
  )
  delete(@CurrentPrincipal() principal: Principal, @Param('id', { schema: uuid }) id: string): Promise<void> {
    return this.deletions.delete(principal, id);
  }

  @Get(':id/messages')
  @TokenScopes('read')
  @Answers('List the messages of a branch, oldest first', { 200: page(branchMessage) }, UNLESS_MISSING)
  messages(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: messagesQuery }) { before, limit }: z.infer<typeof messagesQuery>,
  ): Promise<Page<BranchMessage>> {
    return this.conversations.messages(caller, id, before, limit);
  }

  @Get(':id/export')
  @TokenScopes('read')
  @Answers('Export a conversation', { 200: EXPORT }, UNLESS_MISSING)
  @Header('Cache-Control', 'no-store')
  async export(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: exportQuery }) { format }: z.infer<typeof exportQuery>,
    @Res() response: Response,
  ): Promise<void> {
    const { fileName, mediaType, content } = await this.exports.export(caller, id, format);
    response.attachment(fileName).type(mediaType);
    try {
      await pipeline(Readable.from(content, { highWaterMark: 1 }), response);
    } catch (error) {
      if (!isPrematureClose(error)) throw error;
    }
  }
}

/** The client closed the connection before the end of the download. */
const isPrematureClose = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
