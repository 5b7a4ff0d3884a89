import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Run } from '../chat/run.entity.js';
import { Database, type EntityManager } from '../database/database.js';
import { Presence } from '../users/presence.js';
import { Roles } from '../users/roles.decorator.js';
import { User } from '../users/user.entity.js';

/** Counts of the whole installation; `connectedUsers` and `sockets` are those of the answering process. */
export interface Dashboard {
  readonly users: number;
  readonly connectedUsers: number;
  readonly sockets: number;
  readonly activeRuns: number;
  /** Input and output, of the replies begun since midnight UTC. */
  readonly tokensToday: number;
}

@ApiTags('admin')
@ApiBearerAuth()
@Roles('admin')
@Controller('api/admin/dashboard')
export class DashboardController {
  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
  ) {}

  @Get()
  async read(): Promise<Dashboard> {
    const connected = this.presence.counts();
    const counts = await this.database.read(async (em) => ({
      users: await em.count(User),
      activeRuns: await em.count(Run, { status: 'running' }),
      tokensToday: await tokensSince(em, new Date().setUTCHours(0, 0, 0, 0)),
    }));
    return { ...counts, connectedUsers: connected.users, sockets: connected.sockets };
  }
}

async function tokensSince(em: EntityManager, at: number): Promise<number> {
  const row = await em
    .getKysely<{ conversation_history: { input_tokens: number; output_tokens: number; created_at: number } }>()
    .selectFrom('conversation_history')
    .select(({ fn }) => [fn.sum('input_tokens').as('input'), fn.sum('output_tokens').as('output')])
    .where('created_at', '>=', at)
    .executeTakeFirst();
  return Number(row?.input ?? 0) + Number(row?.output ?? 0);
}
