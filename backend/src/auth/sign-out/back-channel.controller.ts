import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { Public } from '../../common/handlers/roles.decorator.js';
import { bodies } from '../../protocol/http/index.js';
import { plainText } from '../../protocol/index.js';
import { Limited } from '../../limits/limited.decorator.js';
import { LOGOUTS } from '../limits/sign-in-limits.js';
import { BackChannelLogout } from './back-channel-logout.js';

/** For providers, not for the page: the logout token itself authorises the request. */
@Controller('api/auth/backchannel-logout')
@Public()
export class BackChannelController {
  constructor(private readonly logout: BackChannelLogout) {}

  @Post(':id')
  @HttpCode(200)
  @Limited(LOGOUTS)
  @Answers(
    'End the sessions that a provider has ended (OpenID Connect Back-Channel Logout)',
    { 200: { says: 'The sessions have ended and their sockets are closed.' } },
    { refuses: ['not_found'] },
  )
  async end(
    @Param('id', { schema: plainText.max(40) }) id: string,
    @Body({ schema: bodies.backChannelLogout }) { logout_token: token }: z.infer<typeof bodies.backChannelLogout>,
  ): Promise<void> {
    await this.logout.end(id, token);
  }
}
