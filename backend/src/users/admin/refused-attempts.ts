import { Injectable, Logger } from '@nestjs/common';
import { InjectThrottlerStorage, type ThrottlerStorage } from '@nestjs/throttler';
import { currentOrigin } from '../../common/request-id.js';
import { EventLog } from '../../streams/log/event-log.js';
import { type AuditedAct, recordAct } from './audit.js';

/** So many of one person or address are put on record in a minute: whoever tries for ever shall not fill the disk. */
const RECORDED_A_MINUTE = 60;
const MINUTE_MS = 60_000;

/** Puts on record what somebody tried in vain. */
@Injectable()
export class RefusedAttempts {
  private readonly logger = new Logger(RefusedAttempts.name);

  constructor(
    private readonly log: EventLog,
    @InjectThrottlerStorage() private readonly counts: ThrottlerStorage,
  ) {}

  /** Never throws: the refusal stands, whether it could be recorded or not. */
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
