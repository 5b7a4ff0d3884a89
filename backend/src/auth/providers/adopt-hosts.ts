import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { EventLog } from '../../streams/log/event-log.js';
import { Identity } from '../../users/identity.entity.js';

/**
 * Earlier versions stored the host of another provider than Google instead of its issuer. At the first start, the
 * provider is still the configured one, so its identities get its issuer; hosts mean nothing afterwards.
 */
@Injectable()
export class AdoptHosts {
  constructor(
    private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async adopt(): Promise<void> {
    const { google } = this.config;
    if (!google || !URL.canParse(google.issuer)) return;
    const { host } = new URL(google.issuer);
    await this.log.write(({ em }) => em.nativeUpdate(Identity, { issuer: host }, { issuer: google.issuer }));
  }
}
