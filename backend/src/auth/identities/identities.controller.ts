import { Body, Controller, Delete, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { bodies, type IdentityList, identityList } from '../../protocol/http/index.js';
import { plainText } from '../../protocol/index.js';
import { Limited } from '../../limits/limited.decorator.js';
import { LINK } from '../limits/sign-in-limits.js';
import { SameOriginGuard } from '../sessions/same-origin.guard.js';
import { IdentityLinks } from './identity-links.js';
import { LinkedIdentities } from './linked-identities.js';

/** The ways to sign in of the user, for any role. */
@Controller('api/auth')
@Roles('pending', 'user', 'admin')
export class IdentitiesController {
  constructor(
    private readonly identities: LinkedIdentities,
    private readonly links: IdentityLinks,
  ) {}

  @Get('identities')
  @Answers('List your ways to sign in', { 200: identityList })
  async list(@CurrentPrincipal() { userId }: Principal): Promise<IdentityList> {
    return { items: await this.identities.list(userId), nextCursor: null };
  }

  @Post('identities')
  @HttpCode(200)
  @Limited(LINK)
  @UseGuards(SameOriginGuard)
  @Answers(
    'Link another identity with the code of a sign-in that was started with `link=1`',
    { 200: identityList },
    { refuses: ['identity_taken'] },
  )
  async link(
    @CurrentPrincipal() { userId }: Principal,
    @Body({ schema: bodies.link }) { code, verifier }: z.infer<typeof bodies.link>,
  ): Promise<IdentityList> {
    return { items: await this.links.link(userId, code, verifier), nextCursor: null };
  }

  @Delete('identities/:id')
  @HttpCode(204)
  @UseGuards(SameOriginGuard)
  @Answers(
    'Remove one of your ways to sign in; one has to be left',
    { 204: { says: 'It is removed. Sessions that were opened with it stay.' } },
    { refuses: ['not_found', 'last_identity'] },
  )
  async unlink(
    @CurrentPrincipal() { userId }: Principal,
    @Param('id', { schema: plainText.max(100) }) id: string,
  ): Promise<void> {
    await this.identities.unlink(userId, id);
  }
}
