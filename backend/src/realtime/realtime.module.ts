import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { UsersModule } from '../users/users.module.js';
import { BackPressureService } from './delivery/back-pressure.service.js';
import { BroadcasterService } from './delivery/broadcaster.service.js';
import { Connections } from './delivery/connections.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { RevalidationService } from './revalidation.service.js';
import { SocketClocks } from './sockets/socket-clocks.js';
import { SocketLife } from './sockets/socket-life.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { SupervisorService } from './supervisor.service.js';

@Module({
  imports: [AuthModule, UsersModule],
  providers: [
    BackPressureService,
    BroadcasterService,
    Connections,
    RealtimeGateway,
    RevalidationService,
    SocketClocks,
    SocketLife,
    SubscriptionsService,
    SupervisorService,
  ],
})
export class RealtimeModule {}
