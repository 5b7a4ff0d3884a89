import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { Response } from 'express';
import { RunsService } from '../chat/runs/runs.service.js';
import { Database } from '../database/database.js';
import { WRITE_REFUSALS } from '../database/probes/write-refusal.js';
import { type Liveness, liveness, type Readiness, ready, unavailable } from '../protocol/http/index.js';
import { Answers } from '../common/handlers/answers.decorator.js';
import { Public } from '../common/handlers/roles.decorator.js';

/** Probes for process supervisors and load balancers. */
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly runs: RunsService,
  ) {}

  /** Liveness: the process answers, so it needs no restart. */
  @Get('live')
  @Answers('Check whether the process is alive', { 200: liveness })
  live(): Liveness {
    return { status: 'live' };
  }

  /** Readiness: the process can serve users; otherwise 503 with the reason. */
  @Get('ready')
  @Answers('Check whether the process can serve requests', { 200: ready, 503: unavailable })
  async ready(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const reason = await this.reasonAgainst();
    if (reason === undefined) return { status: 'ready' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'unavailable', reason };
  }

  private async reasonAgainst(): Promise<string | undefined> {
    if (this.runs.draining) return 'The server is shutting down.';
    if (!(await this.database.probe.isReachable())) return 'The database does not answer.';
    const refusal = await this.database.probe.writeRefusal();
    return refusal && WRITE_REFUSALS[refusal];
  }
}
