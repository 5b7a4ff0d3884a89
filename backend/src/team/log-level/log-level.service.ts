import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { z } from 'zod';
import { dateOf } from '../../clock.js';
import type { Principal } from '../../common/handlers/principal.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { Meta } from '../../database/meta.entity.js';
import { ADMIN_STREAM, type LogLevel, logLevel, type LogLevelState } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { recordAct } from '../../users/admin/audit.js';
import { READ_LOG_LEVEL } from './log-level.statements.js';

/** A level that is forgotten would fill the disk, so it ends by itself. */
const LASTS_MS = 3_600_000;
/** Every process applies a change within two seconds. */
const LOOK_EVERY_MS = 1_500;

const chosen = z.object({ level: logLevel, until: z.int().nonnegative() });
type Chosen = z.infer<typeof chosen>;

/**
 * The log level of all processes: that of the configuration, or for an hour the one that an admin has chosen. It is
 * stored, so that it also applies to processes that start within that hour.
 */
@Injectable()
export class LogLevelService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LogLevelService.name);
  private readonly configured: string;
  private applied: string;
  private chosen: Chosen | undefined;
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) { logLevel: configured }: Config,
    private readonly database: Database,
    private readonly log: EventLog,
  ) {
    this.configured = configured;
    this.applied = configured;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.look(true);
    this.timer = setInterval(() => {
      // SQLite has one process alone, which knows what it has written.
      this.looking ??= this.look(this.database.kind === 'postgresql').finally(() => (this.looking = undefined));
    }, LOOK_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** What applies to this process. */
  state(): LogLevelState {
    return this.stateOf(this.current());
  }

  /** Sets the level of all processes for an hour; `null` returns to that of the configuration. */
  async change({ userId }: Principal, level: LogLevel | null): Promise<LogLevelState> {
    const from = this.applied;
    const next = await this.log.write(async (transaction) => {
      const wanted = level === null ? undefined : { level, until: transaction.at + LASTS_MS };
      await transaction.em.upsert(Meta, { key: 'log_level', value: JSON.stringify(wanted ?? null) });
      const data = this.stateOf(wanted);
      transaction.append(ADMIN_STREAM, { type: 'logging.changed', data });
      const detail = { from, to: data.level, until: data.until };
      await recordAct(transaction, { action: 'logging.changed', actorId: userId, detail });
      return wanted;
    });
    this.chosen = next;
    this.apply();
    return this.state();
  }

  private async look(reads: boolean): Promise<void> {
    try {
      if (reads) {
        const [row] = await this.database.query(READ_LOG_LEVEL, []);
        const value = row?.['value'];
        this.chosen = typeof value === 'string' ? chosen.safeParse(JSON.parse(value)).data : undefined;
      }
      this.apply();
    } catch (error) {
      this.logger.debug({ msg: 'The log level could not be read', err: error });
    }
  }

  private apply(): void {
    const { level, until } = this.state();
    if (level === this.applied) return;
    this.applied = level;
    PinoLogger.root.level = level;
    const end = until === null ? null : dateOf(until).toISOString();
    this.logger.warn({ msg: 'The log level was changed', level, until: end });
  }

  private current(): Chosen | undefined {
    return this.chosen && this.chosen.until > this.database.clock.now() ? this.chosen : undefined;
  }

  private stateOf(current: Chosen | undefined): LogLevelState {
    const { configured } = this;
    return { configured, level: current?.level ?? configured, until: current?.until ?? null };
  }
}
