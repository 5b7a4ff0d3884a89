import { Body, Controller, Get, Patch } from '@nestjs/common';
import { bodies, type User } from '../protocol/index.js';
import { CurrentPrincipal, type Principal } from './principal.js';
import { type ProfileChange, Profiles } from './profiles.js';
import { Roles } from './roles.decorator.js';

/** Somebody who waits to be let in may see and change their own profile, and nothing else. */
@Controller('api/profile')
@Roles('pending', 'user', 'admin')
export class ProfileController {
  constructor(private readonly profiles: Profiles) {}

  @Get('me')
  me(@CurrentPrincipal() { userId }: Principal): Promise<User> {
    return this.profiles.read(userId);
  }

  @Patch('me')
  change(
    @CurrentPrincipal() { userId }: Principal,
    @Body({ schema: bodies.profile }) body: ProfileChange,
  ): Promise<User> {
    return this.profiles.change(userId, body);
  }
}
