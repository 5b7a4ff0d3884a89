import { Controller, Get } from '@nestjs/common';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { type Caller, CurrentCaller } from '../../common/handlers/principal.js';
import { TokenScopes } from '../../common/handlers/roles.decorator.js';
import { type ModelList, modelList } from '../../protocol/index.js';
import { ModelAccessService } from './model-access.service.js';

@Controller('api/models')
export class ModelsController {
  constructor(private readonly access: ModelAccessService) {}

  @Get()
  @TokenScopes('chat', 'read')
  @Answers('List the models that you may use, the default first', { 200: modelList })
  list(@CurrentCaller() caller: Caller): Promise<ModelList> {
    return this.access.offeredTo(caller);
  }
}
