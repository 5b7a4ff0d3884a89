import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import { MIGRATIONS } from '../migrations/index.js';
import { AuthModule } from './auth/auth.module.js';
import { EntryGuard } from './auth/sessions/entry.guard.js';
import { ChatModule } from './chat/chat.module.js';
import type { Config } from './config/config.js';
import { CONFIG, ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DoctorModule } from './doctor/doctor.module.js';
import { LogOutput } from './common/log-output.js';
import { LogOutputModule } from './common/log-output.module.js';
import { logging } from './common/logging.js';
import { ParsePipe } from './common/handlers/parse.pipe.js';
import { HealthModule } from './health/health.module.js';
import { ProgramsModule } from './programs/programs.module.js';
import { RealtimeModule } from './realtime/realtime.module.js';
import { ENTITIES } from './schema.js';
import { StreamsModule } from './streams/streams.module.js';
import { TeamModule } from './team/team.module.js';
import { UsersModule } from './users/users.module.js';
import { Tracing } from './tracing/tracing.js';
import { TracingModule } from './tracing/tracing.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** The root module. */
@Module({})
export class AppModule {
  static with(config: Config, tracing: Tracing): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        TracingModule.with(tracing),
        LogOutputModule,
        LoggerModule.forRootAsync({ inject: [CONFIG, LogOutput, Tracing], useFactory: logging }),
        DatabaseModule.with({ entities: ENTITIES, migrations: MIGRATIONS }),
        StreamsModule,
        UsersModule,
        TeamModule,
        AuthModule,
        WebhooksModule,
        ChatModule,
        ProgramsModule,
        RealtimeModule,
        HealthModule,
        DoctorModule,
      ],
      providers: [
        { provide: APP_GUARD, useExisting: EntryGuard },
        { provide: APP_PIPE, useClass: ParsePipe },
      ],
    };
  }
}
