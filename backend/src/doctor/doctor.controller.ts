import { Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Answers } from '../common/handlers/answers.decorator.js';
import { Public, Roles } from '../common/handlers/roles.decorator.js';
import { Limited } from '../limits/limited.decorator.js';
import { perUser } from '../limits/policy.js';
import { type ProcessStanding, processStanding, type SystemCheck, systemCheck } from '../protocol/http/index.js';
import { DoctorService } from './doctor.service.js';

/** Each check asks every model for a token. */
const CHECKS = perUser('system-check', 10);

@Controller('api')
export class DoctorController {
  constructor(private readonly doctor: DoctorService) {}

  @Post('admin/system-check')
  @HttpCode(200)
  @Roles('admin')
  @Limited(CHECKS)
  @Answers('Check the installation, which takes up to 30 seconds', { 200: systemCheck })
  check(): Promise<SystemCheck> {
    return this.doctor.check();
  }

  @Get('meta/standing')
  @Public()
  @Header('Cache-Control', 'no-store')
  @Answers(
    'Get what the process says about itself, for a system check that knows APP_SECRET',
    { 200: processStanding },
    { refuses: ['not_found'] },
  )
  standing(@Req() request: Request): ProcessStanding {
    return this.doctor.standing(request);
  }
}
