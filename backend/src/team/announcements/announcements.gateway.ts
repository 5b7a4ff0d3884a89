import { Gateway } from '../../common/handlers/gateway.decorator.js';
import { OnCommand } from '../../common/handlers/on-command.decorator.js';
import type { Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import type { Command } from '../../protocol/index.js';
import { AnnouncementsService } from './announcements.service.js';

@Gateway()
@Roles('pending', 'user', 'admin')
export class AnnouncementsGateway {
  constructor(private readonly announcements: AnnouncementsService) {}

  @OnCommand('announcement:dismiss')
  dismiss(principal: Principal, { announcementId }: Command<'announcement:dismiss'>): Promise<void> {
    return this.announcements.dismiss(principal, announcementId);
  }
}
