import { Gateway } from '../../common/handlers/gateway.decorator.js';
import { OnCommand } from '../../common/handlers/on-command.decorator.js';
import type { Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import type { Command, CommandResults } from '../../protocol/index.js';
import { AdminStops } from './admin-stops.service.js';

@Gateway()
@Roles('admin')
export class ActivityGateway {
  constructor(private readonly stops: AdminStops) {}

  @OnCommand('admin:stop-run')
  stop(actor: Principal, { runId }: Command<'admin:stop-run'>): Promise<CommandResults['admin:stop-run']> {
    return this.stops.stop(actor, runId);
  }
}
