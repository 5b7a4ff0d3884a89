import { Gateway } from '../../common/handlers/gateway.decorator.js';
import type { AdminUser, Command } from '../../protocol/index.js';
import { OnCommand } from '../../common/handlers/on-command.decorator.js';
import type { Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { UsersService } from '../users.service.js';

@Gateway()
@Roles('admin')
export class AdminGateway {
  constructor(private readonly users: UsersService) {}

  @OnCommand('admin:set-role')
  setRole(actor: Principal, { userId, role }: Command<'admin:set-role'>): Promise<AdminUser> {
    return this.users.change(actor, userId, { role });
  }
}
