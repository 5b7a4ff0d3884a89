import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { toNumber } from '../../database/sql/sql-values.js';
import { EventLog } from '../../streams/log/event-log.js';
import { AdoptHosts } from '../providers/adopt-hosts.js';
import { ADOPT_IDENTITIES, ADOPT_ROLES, ADOPT_SESSIONS, COUNT_IDENTITIES } from './former-issuers.statements.js';

/**
 * Gives the identities of a former issuer to the provider that names it in `formerIssuers`. A provider that was
 * configured by `GOOGLE_AUTHORIZATION_URL` has that address as its issuer, since its real one was not known.
 */
@Injectable()
export class AdoptIssuers implements OnModuleInit {
  private readonly logger = new Logger(AdoptIssuers.name);

  constructor(
    private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    private readonly hosts: AdoptHosts,
  ) {}

  async onModuleInit(): Promise<void> {
    // Earlier versions stored hosts.
    await this.hosts.adopt();
    for (const { issuer, formerIssuers } of this.config.providers) {
      for (const former of formerIssuers) await this.adopt(former, issuer);
    }
  }

  private async adopt(former: string, issuer: string): Promise<void> {
    const { adopted, left } = await this.log.write(async ({ all }) => {
      const identities = await all(ADOPT_IDENTITIES, [former, issuer]);
      await all(ADOPT_SESSIONS, [former, issuer]);
      await all(ADOPT_ROLES, [former, issuer]);
      const [row] = await all(COUNT_IDENTITIES, [former]);
      return { adopted: identities.length, left: toNumber(row?.['count']) };
    });
    if (adopted > 0) this.logger.log(`${adopted} identities of ${former} belong to ${issuer} from now on`);
    if (left > 0)
      this.logger.warn(`${left} identities of ${former} stay: their users have signed in at ${issuer} already`);
  }
}
