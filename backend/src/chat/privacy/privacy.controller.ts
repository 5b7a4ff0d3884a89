import { pipeline } from 'node:stream/promises';
import { Body, Controller, Delete, Get, HttpCode, Param, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Answers, type OtherAnswer } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { bodies } from '../../protocol/http/index.js';
import { uuid } from '../../protocol/index.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES, perUser } from '../../limits/policy.js';
import { AccountDeletions } from './account-deletions.js';
import { type PersonalExport, PersonalExports } from './personal-exports.js';

/** An export reads everything that a person has. */
const EXPORTS = perUser('exports', 10);

const ARCHIVE: OtherAnswer = {
  says: 'A ZIP archive of JSON files: profile, identities, sessions, access tokens, webhooks, drafts, usage, audit, one for each conversation.',
  content: { 'application/zip': z.string() },
  headers: { 'Content-Disposition': 'The name of the file, with the day.' },
};
const DELETED: OtherAnswer = { says: 'The account and everything in it is removed, and its sessions have ended.' };

/** What a person may ask of their data, and admins for them: all of it, or none of it any more. */
@Controller('api')
@Limited(CHANGES)
export class PrivacyController {
  constructor(
    private readonly exports: PersonalExports,
    private readonly deletions: AccountDeletions,
  ) {}

  @Get('profile/export')
  @Roles('pending', 'user', 'admin')
  @Limited(EXPORTS)
  @Answers('Export everything that is stored about you', { 200: ARCHIVE }, { refuses: ['not_found'] })
  async export(@CurrentPrincipal() { userId }: Principal, @Res() response: Response): Promise<void> {
    await send(response, await this.exports.open(userId));
  }

  @Delete('profile/me')
  @Roles('pending', 'user', 'admin')
  @HttpCode(204)
  @Answers('Delete your account, confirmed by its e-mail', { 204: DELETED }, { refuses: ['not_found', 'last_admin'] })
  delete(
    @CurrentPrincipal() { userId }: Principal,
    @Body({ schema: bodies.deletion }) { email }: z.infer<typeof bodies.deletion>,
  ): Promise<void> {
    return this.deletions.delete({ userId, actorId: userId, email });
  }

  @Get('admin/users/:id/export')
  @Roles('admin')
  @Limited(EXPORTS)
  @Answers('Export everything that is stored about a user', { 200: ARCHIVE }, { refuses: ['not_found'] })
  async exportOf(
    @CurrentPrincipal() actor: Principal,
    @Param('id', { schema: uuid }) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await send(response, await this.exports.openFor(actor.userId, id));
  }

  @Delete('admin/users/:id')
  @Roles('admin')
  @HttpCode(204)
  @Answers('Delete the account of a user', { 204: DELETED }, { refuses: ['not_found', 'last_admin'] })
  deleteOf(@CurrentPrincipal() actor: Principal, @Param('id', { schema: uuid }) userId: string): Promise<void> {
    return this.deletions.delete({ userId, actorId: actor.userId });
  }
}

async function send(response: Response, { fileName, content }: PersonalExport): Promise<void> {
  response.attachment(fileName).type('application/zip');
  try {
    await pipeline(content, response);
  } catch (error) {
    // The client closed the connection before the end of the download.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}
