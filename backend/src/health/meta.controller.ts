import { Controller, Get, Inject } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { providerLabel } from '../config/sign-in/provider-label.js';
import { type InstallationMeta, installationMeta } from '../protocol/http/index.js';
import { Answers } from '../common/handlers/answers.decorator.js';
import { Public } from '../common/handlers/roles.decorator.js';

@Public()
@Controller('api/meta')
export class MetaController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get()
  @Answers('Get public information about the installation', { 200: installationMeta })
  read(): InstallationMeta {
    const { publicUrl, google, providers, models, retentionDays } = this.config;
    const local = { provider: google?.isLocal ?? false, model: models.isLocal };
    const provider = google ? providerLabel(google) : (providers[0]?.label ?? '');
    return { publicUrl, provider, local, standIn: local, ...(retentionDays !== undefined && { retentionDays }) };
  }
}
