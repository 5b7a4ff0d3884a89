import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { Gateway } from '../../common/gateway.decorator.js';
import { type AdminUser, type Command, commands } from '../../protocol/index.js';
import { CurrentPrincipal, type Principal } from '../principal.js';
import { Roles } from '../roles.decorator.js';
import { UsersService } from '../users.service.js';

@Gateway()
@Roles('admin')
export class AdminGateway {
  constructor(private readonly users: UsersService) {}

  @SubscribeMessage('admin:set-role')
  setRole(
    @CurrentPrincipal() actor: Principal,
    @MessageBody({ schema: commands['admin:set-role'] }) { userId, role }: Command<'admin:set-role'>,
  ): Promise<AdminUser> {
    return this.users.change(actor, userId, { role });
  }
}
