import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Answers, type OtherAnswer } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { ChatError, plainText, uuid } from '../../protocol/index.js';
import { PICTURE_TYPES } from './picture-type.js';
import { Pictures } from './pictures.js';

const YEAR_S = 31_536_000;

const pictureQuery = z.strictObject({ v: plainText.max(43).optional() });
const PICTURE: OtherAnswer = {
  says: 'The picture.',
  content: Object.fromEntries(PICTURE_TYPES.map((type) => [type, z.string()])),
};

/** The pictures of users. They are other people's bytes, so they are served as pictures and nothing else. */
@Controller('api/users')
@Roles('pending', 'user', 'admin')
export class PicturesController {
  constructor(private readonly pictures: Pictures) {}

  @Get(':id/picture')
  @Answers(
    'Get the picture of a user: your own or, as an admin, anybody’s',
    { 200: PICTURE },
    { refuses: ['not_found'] },
  )
  async picture(
    @CurrentPrincipal() { userId, role }: Principal,
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: pictureQuery }) { v }: z.infer<typeof pictureQuery>,
    @Res() response: Response,
  ): Promise<void> {
    if (id !== userId && role !== 'admin') throw new ChatError('not_found', 'There is no such picture.');
    const { contentType, bytes } = await this.pictures.read(id, v);
    response
      .set({
        'Cache-Control': v === undefined ? 'private, no-cache' : `private, max-age=${YEAR_S}, immutable`,
        'Content-Security-Policy': "default-src 'none'",
        'X-Content-Type-Options': 'nosniff',
      })
      .type(contentType)
      .send(bytes);
  }
}
