import { Injectable, Logger } from '@nestjs/common';
import { currentOrigin } from '../../common/request-id.js';
import { perUser } from '../../limits/policy.js';
import { RateLimits } from '../../limits/rate-limits.js';
import { EventLog } from '../../streams/log/event-log.js';
import { type AuditedAct, recordAct } from './audit.js';

/** The highest number of recorded attempts of one user or address in a minute, so that they cannot fill the disk. */
const RECORDED = perUser('audited-refusals', 60);

/** Records refused attempts in the audit. */
@Injectable()
export class RefusedAttempts {
  private readonly logger = new Logger(RefusedAttempts.name);

  constructor(
    private readonly log: EventLog,
    private readonly limits: RateLimits,
  ) {}

  /** Never throws: the attempt is refused even if it cannot be recorded. */
  async record(attempt: AuditedAct): Promise<void> {
    try {
      const who = attempt.actorId ?? currentOrigin()?.address ?? 'unknown';
      const { isRefused, acts } = await this.limits.take(RECORDED, who);
      if (!isRefused) await this.log.write((transaction) => recordAct(transaction, attempt));
      else if (acts === RECORDED.quota + 1) this.logger.warn(`Not every refused attempt of ${who} is recorded`);
    } catch (error) {
      this.logger.error({ msg: 'A refused attempt could not be recorded', err: error });
    }
  }
}
