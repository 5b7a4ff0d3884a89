import { Body, Controller, Get, Put } from '@nestjs/common';
import type { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { type AdminModelList, adminModelList, bodies } from '../../protocol/http/index.js';
import { type AdminModel, adminModel } from '../../protocol/index.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { ModelAccessService } from './model-access.service.js';

@Controller('api/admin/models')
@Roles('admin')
export class ModelsAdminController {
  constructor(private readonly access: ModelAccessService) {}

  @Get()
  @Answers('List the offered models, and who may ask them', { 200: adminModelList })
  list(): Promise<AdminModelList> {
    return this.access.list();
  }

  @Put()
  @Limited(CHANGES)
  @Answers('Choose who may ask a model', { 200: adminModel }, { refuses: ['not_found'] })
  change(
    @CurrentPrincipal() actor: Principal,
    @Body({ schema: bodies.modelAccess }) body: z.infer<typeof bodies.modelAccess>,
  ): Promise<AdminModel> {
    return this.access.change(actor, body);
  }
}
