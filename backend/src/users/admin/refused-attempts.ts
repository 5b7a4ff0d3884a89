import { Injectable, Logger } from '@nestjs/common';
import { InjectThrottlerStorage, type ThrottlerStorage } from '@nestjs/throttler';
import { currentOrigin } from '../../common/request-id.js';
import { EventLog } from '../../streams/log/event-log.js';
import { type AuditedAct, recordAct } from './audit.js';

/** The highest number of recorded attempts of one user or address in a minute, so that they cannot fill the disk. */
const RECORDED_A_MINUTE = 60;
const MINUTE_MS = 60_000;

/** Records refused attempts in the audit. */
@Injectable()
export class RefusedAttempts {
  private readonly logger = new Logger(RefusedAttempts.name);

  constructor(
    private readonly log: EventLog,
    @InjectThrottlerStorage() private readonly counts: ThrottlerStorage,
  ) {}

  /** Never throws: the attempt is refused even if it cannot be recorded. */
  async record(attempt: AuditedAct): Promise<void> {
    try {
      const who = attempt.actorId ?? currentOrigin()?.address ?? 'unknown';
      const key = `refused-attempts:${who}`;
      const { isBlocked, totalHits } = await this.counts.increment(
        key,
        MINUTE_MS,
        RECORDED_A_MINUTE,
        MINUTE_MS,
        'audit',
      );
      if (!isBlocked) await this.log.write((transaction) => recordAct(transaction, attempt));
      else if (totalHits === RECORDED_A_MINUTE + 1) this.logger.warn(`Not every refused attempt of ${who} is recorded`);
    } catch (error) {
      this.logger.error({ msg: 'A refused attempt could not be recorded', err: error });
    }
  }
}
