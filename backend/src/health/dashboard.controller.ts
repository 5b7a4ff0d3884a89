import { Controller, Get, Inject } from '@nestjs/common';
import { Run } from '../chat/runs/run.entity.js';
import { UnkeptRun } from '../chat/unkept/unkept-run.entity.js';
import { readTotal } from '../chat/usage/usage-report.js';
import { dateOf } from '../clock.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Database } from '../database/database.js';
import { BackupSchedule } from '../database/scheduled/backup-schedule.js';
import { type Dashboard, dashboard } from '../protocol/http/index.js';
import { Presence } from '../users/presence/presence.js';
import { Answers } from '../common/handlers/answers.decorator.js';
import { Roles } from '../common/handlers/roles.decorator.js';
import { User } from '../users/user.entity.js';

@Roles('admin')
@Controller('api/admin/dashboard')
export class DashboardController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly schedule: BackupSchedule,
  ) {}

  @Get()
  @Answers('Get the numbers of users, sockets, runs and tokens of all processes', { 200: dashboard })
  async read(): Promise<Dashboard> {
    const connected = await this.presence.connected();
    const { total, ...counts } = await this.database.readAside(async (em) => ({
      users: await em.count(User),
      activeRuns: (await em.count(Run, { status: 'running' })) + (await em.count(UnkeptRun)),
      total: await readTotal(em, startOfDay(this.database.clock.now())),
    }));
    const { tokens, costMicros } = total;
    const databaseRefusal = await this.database.probe.writeRefusal();
    const backups = await this.schedule.status();
    return {
      ...counts,
      tokensToday: tokens,
      ...(costMicros !== undefined && { costMicrosToday: costMicros }),
      currency: this.config.models.currency,
      connectedUsers: connected.users,
      sockets: connected.sockets,
      ...(databaseRefusal && { databaseRefusal }),
      ...(backups && { backups }),
    };
  }
}

/** Midnight UTC. */
const startOfDay = (at: number): number => dateOf(at).setUTCHours(0, 0, 0, 0);
