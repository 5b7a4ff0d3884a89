import { Body, Controller, Get, Patch } from '@nestjs/common';
import { bodies } from '../protocol/http/index.js';
import { type User, user } from '../protocol/index.js';
import { Answers } from '../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../common/handlers/principal.js';
import { Limited } from '../limits/limited.decorator.js';
import { perUser } from '../limits/policy.js';
import { type ProfileChange, Profiles } from './profiles.js';
import { Roles } from '../common/handlers/roles.decorator.js';

/** Limited, because each change is sent to all tabs of the user and of all admins. */
const PROFILE_CHANGES = perUser('profile-changes', 30);

/** The own profile. It is the only part of the API that `pending` users may read and change. */
@Controller('api/profile')
@Roles('pending', 'user', 'admin')
export class ProfileController {
  constructor(private readonly profiles: Profiles) {}

  @Get('me')
  @Answers('Get your profile', { 200: user })
  me(@CurrentPrincipal() { userId }: Principal): Promise<User> {
    return this.profiles.read(userId);
  }

  @Patch('me')
  @Limited(PROFILE_CHANGES)
  @Answers('Update your name, preferences or texts for the model; missing keys are left unchanged', { 200: user })
  change(
    @CurrentPrincipal() { userId }: Principal,
    @Body({ schema: bodies.profile }) body: ProfileChange,
  ): Promise<User> {
    return this.profiles.change(userId, body);
  }
}
