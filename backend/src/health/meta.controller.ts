import { Controller, Get, Inject } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { providerLabel } from '../config/provider-label.js';
import { Public } from '../common/handlers/roles.decorator.js';

interface LocalServices {
  readonly provider: boolean;
  readonly model: boolean;
}

/** What the page must know before anybody has signed in. */
export interface InstallationMeta {
  /** The origin at which people can sign in; a page that was opened at another one sends them there. */
  readonly publicUrl: string;
  /** Whom people sign in with, as they know it: Google, or the host of another provider. */
  readonly provider: string;
  /** Which services are local ones. */
  readonly local: LocalServices;
  /** `local` by its former name, for one version: a tab of the version before that asks again takes both services for real ones without it. */
  readonly standIn: LocalServices;
}

@Public()
@Controller('api/meta')
export class MetaController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get()
  read(): InstallationMeta {
    const { publicUrl, google, models } = this.config;
    const local = { provider: google.isLocal, model: models.isLocal };
    return { publicUrl, provider: providerLabel(google), local, standIn: local };
  }
}
