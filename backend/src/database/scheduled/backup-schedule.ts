import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import type { BackupStatus } from '../../protocol/http/index.js';
import type { Schema } from '../connect.js';
import type { Database } from '../database.js';
import { BackupClaim, noteFailure, noteSuccess, readBackups } from './backup-facts.js';
import { backupRefusalOf, WHAT_HELPS } from './backup-failures.js';
import { makeBackup } from './make-backup.js';

const LOOK_EVERY_MS = 30_000;
const RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Makes backups as `BACKUP_EVERY` says. Of several processes on one database, one makes each of them. */
export class BackupSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  /** The number of failed attempts of this process. */
  failures = 0;
  private readonly logger = new Logger(BackupSchedule.name);
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  /** The failed attempts since the last success, and when the next one begins, by `performance.now()`. */
  private failedInARow = 0;
  private waitsUntil = 0;
  /** What was last known, for the time in which the database does not answer. */
  private known: BackupStatus = { lastAt: null };

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly schema: Schema,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.backups) return;
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    void this.look();
  }

  /** Breaks off a backup that is being made; its unfinished file is removed. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.round;
  }

  /** Of all processes; `undefined` without a schedule. */
  async status(): Promise<BackupStatus | undefined> {
    if (!this.config.backups) return undefined;
    try {
      const { lastAt, failure } = await readBackups(this.database);
      // A failure that could not be written, since the database takes no writes, is known to this process alone.
      const own = this.known.failure;
      const latest = failure ?? (own && own.at > (lastAt ?? 0) ? own : undefined);
      this.known = { lastAt, ...(latest && { failure: latest }) };
    } catch {
      // What was known is the best answer: why the database does not answer is reported elsewhere.
    }
    return this.known;
  }

  /** Makes a backup if one is due; never rejects. */
  look(): Promise<void> {
    if (performance.now() < this.waitsUntil || this.stopping.signal.aborted) return Promise.resolve();
    this.round ??= this.attempt().finally(() => (this.round = undefined));
    return this.round;
  }

  private async attempt(): Promise<void> {
    const { backups } = this.config;
    if (!backups) return;
    try {
      if (!(await this.isDue(backups.everyMs))) return;
      await using claim = await BackupClaim.take(this.database);
      // Read again: another process may just have made one.
      if (!claim || !(await this.isDue(backups.everyMs))) return;
      await this.make(backups.keep);
    } catch (error) {
      if (!this.stopping.signal.aborted) await this.failed(error, backups.everyMs);
    }
  }

  private async isDue(everyMs: number): Promise<boolean> {
    const { lastAt } = await readBackups(this.database);
    const now = this.database.clock.now();
    // A time in the future comes from a clock that was wrong.
    return lastAt === null || lastAt > now || now - lastAt >= everyMs;
  }

  private async make(keep: number): Promise<void> {
    const [at, startedAt] = [this.database.clock.now(), performance.now()];
    const { file, size } = await makeBackup(this.config, this.schema, { keep, signal: this.stopping.signal });
    await noteSuccess(this.database, at);
    this.failedInARow = 0;
    this.known = { lastAt: at };
    const ms = Math.round(performance.now() - startedAt);
    this.logger.log({ msg: 'The database is backed up and the backup checked', file, bytes: size, ms });
  }

  private async failed(cause: unknown, everyMs: number): Promise<void> {
    this.failures += 1;
    const waitMs = Math.min(RETRY_MS * 2 ** this.failedInARow, LONGEST_RETRY_MS, everyMs);
    this.failedInARow += 1;
    this.waitsUntil = performance.now() + waitMs;
    const failure = { at: this.database.clock.now(), reason: backupRefusalOf(cause) };
    this.known = { ...this.known, failure };
    const next = `The next attempt is in ${Math.round(waitMs / 60_000)} minutes.`;
    this.logger.error({ msg: `The scheduled backup failed. ${WHAT_HELPS[failure.reason]} ${next}`, err: cause });
    await noteFailure(this.database, failure).catch(() => undefined);
  }
}
