import { Module } from '@nestjs/common';
import { Accounts } from './accounts.js';
import { AdminController } from './admin/admin.controller.js';
import { AdminGateway } from './admin/admin.gateway.js';
import { AuditController } from './admin/audit.controller.js';
import { AuditLog } from './admin/audit-log.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { LimitsModule } from '../limits/limits.module.js';
import { Presence } from './presence/presence.js';
import { Pictures } from './pictures/pictures.js';
import { PicturesController } from './pictures/pictures.controller.js';
import { ProfileController } from './profile.controller.js';
import { Profiles } from './profiles.js';
import { RefusedAttempts } from './admin/refused-attempts.js';
import { UserDirectory } from './admin/user-directory.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [LimitsModule],
  controllers: [ProfileController, PicturesController, AdminController, AuditController, InvitationsController],
  providers: [
    Accounts,
    AdminGateway,
    AuditLog,
    InvitationsService,
    Pictures,
    Presence,
    Profiles,
    RefusedAttempts,
    UserDirectory,
    UsersService,
  ],
  exports: [Accounts, Pictures, UsersService, UserDirectory, Presence, RefusedAttempts],
})
export class UsersModule {}
