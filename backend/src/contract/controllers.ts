import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { DoctorModule } from '../doctor/doctor.module.js';
import { HealthModule } from '../health/health.module.js';
import { ProgramsModule } from '../programs/programs.module.js';
import { RealtimeModule } from '../realtime/realtime.module.js';
import { TeamModule } from '../team/team.module.js';
import { UsersModule } from '../users/users.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';

export type Controller = abstract new (...dependencies: never[]) => object;

const MODULES: readonly Controller[] = [
  AuthModule,
  UsersModule,
  TeamModule,
  WebhooksModule,
  ChatModule,
  ProgramsModule,
  RealtimeModule,
  HealthModule,
  DoctorModule,
];

/** Every controller. A test compares their routes with those of the running server. */
export const controllers = (): readonly Controller[] =>
  MODULES.flatMap(
    (module) => (Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, module) as readonly Controller[] | undefined) ?? [],
  );
