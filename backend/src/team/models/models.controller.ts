import { Controller, Get } from '@nestjs/common';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { type ModelList, modelList } from '../../protocol/index.js';
import { ModelAccessService } from './model-access.service.js';

@Controller('api/models')
export class ModelsController {
  constructor(private readonly access: ModelAccessService) {}

  @Get()
  @Answers('List the models that you may use, the default first', { 200: modelList })
  list(@CurrentPrincipal() principal: Principal): Promise<ModelList> {
    return this.access.offeredTo(principal);
  }
}
