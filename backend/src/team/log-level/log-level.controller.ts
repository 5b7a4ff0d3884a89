import { Body, Controller, Get, Put } from '@nestjs/common';
import type { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { bodies } from '../../protocol/http/index.js';
import { type LogLevelState, logLevelState } from '../../protocol/index.js';
import { LogLevelService } from './log-level.service.js';

@Controller('api/admin/log-level')
@Roles('admin')
export class LogLevelController {
  constructor(private readonly levels: LogLevelService) {}

  @Get()
  @Answers('Get the level of the log', { 200: logLevelState })
  read(): LogLevelState {
    return this.levels.state();
  }

  @Put()
  @Limited(CHANGES)
  @Answers('Set the level of the log of all processes for an hour', { 200: logLevelState })
  change(
    @CurrentPrincipal() actor: Principal,
    @Body({ schema: bodies.logLevel }) { level }: z.infer<typeof bodies.logLevel>,
  ): Promise<LogLevelState> {
    return this.levels.change(actor, level);
  }
}
