import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { MikroORM } from '@mikro-orm/core';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Clock } from './clock.js';
import { connect, type Schema } from './connect.js';
import { Database } from './database.js';
import { whileLocked } from './sqlite/lock-patience.js';
import { migrate } from './migrating/migrate.js';
import { BackupSchedule } from './scheduled/backup-schedule.js';
import { lockForThisProcess } from './sqlite/process-lock.js';

const PROCESS_LOCK = Symbol('process lock');
const NO_LOCK: Disposable = { [Symbol.dispose]: () => undefined };

/** Opens and migrates the database, and closes it after all other modules have stopped. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    @Inject(PROCESS_LOCK) private readonly lock: Disposable,
  ) {}

  static with(schema: Schema): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        {
          // Taken first: before this process owns the file it must not migrate, read or write anything.
          provide: PROCESS_LOCK,
          inject: [CONFIG],
          useFactory: ({ database }: Config): Disposable =>
            database.kind === 'sqlite' ? lockForThisProcess(database.path) : NO_LOCK,
        },
        {
          provide: MikroORM,
          inject: [CONFIG, PROCESS_LOCK],
          useFactory: (config: Config): Promise<MikroORM> =>
            // To standard error, because there is no logger yet.
            whileLocked(
              () => open(config, schema),
              (sentence) => void process.stderr.write(`${sentence}\n`),
            ),
        },
        {
          provide: Database,
          inject: [MikroORM],
          useFactory: async (orm: MikroORM): Promise<Database> => {
            const database = new Database(orm);
            await database.startClock();
            return database;
          },
        },
        {
          provide: BackupSchedule,
          inject: [CONFIG, Database],
          useFactory: (config: Config, database: Database): BackupSchedule =>
            new BackupSchedule(config, database, schema),
        },
        { provide: Clock, inject: [Database], useFactory: ({ clock }: Database): Clock => clock },
      ],
      exports: [BackupSchedule, Clock, Database],
    };
  }

  onApplicationBootstrap(): void {
    this.database.startCheckpoints();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
    this.lock[Symbol.dispose]();
  }
}

/** Opens and migrates the database; closes it again when that fails. */
async function open(config: Config, schema: Schema): Promise<MikroORM> {
  const orm = await connect(config.database, schema);
  try {
    await migrate(orm, config);
    return orm;
  } catch (error) {
    await orm.close();
    throw error;
  }
}
