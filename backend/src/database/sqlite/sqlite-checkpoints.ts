import { stat } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { CompiledQuery, type Kysely } from 'kysely';
import type { Slots } from '../../slots.js';
import type { DirectSqliteConnection } from './sqlite-driver.js';

const LOOK_EVERY_MS = 500;
/** SQLite's own threshold: a thousand pages. */
const LOG_BYTES = 4 * 1024 * 1024;
/** The WAL gets this long only if another program has a read transaction that does not end. */
const LONG_LOG_BYTES = 64 * 1024 * 1024;

/**
 * Checkpoints SQLite's WAL in the thread of a reader. By default SQLite does it within a commit, which blocks the event
 * loop until the disk has written.
 *
 * No reader runs at the same time: SQLite reuses the WAL from its beginning only if all of it is in the file and no
 * reader uses it. With readers that overlap without a pause it would grow for ever.
 */
export class SqliteCheckpoints {
  private readonly logger = new Logger(SqliteCheckpoints.name);
  private timer: NodeJS.Timeout | undefined;
  private isBusy = false;
  private isLong = false;

  constructor(
    private readonly connection: DirectSqliteConnection,
    private readonly slots: Slots,
    private readonly readers: Kysely<unknown>,
  ) {}

  start(): void {
    // A WAL that is reused is truncated to this length, so a longer one has content.
    this.connection.exec(`pragma wal_autocheckpoint = 0; pragma journal_size_limit = ${LOG_BYTES}`);
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** Stops; closing the last connection checkpoints the rest. */
  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const length = await this.length();
      this.report(length);
      if (length > LOG_BYTES) {
        await this.slots.runAlone(() => this.readers.executeQuery(CompiledQuery.raw('pragma wal_checkpoint(passive)')));
      }
    } catch (error) {
      this.logger.error({ msg: 'The write-ahead log of the database could not be checkpointed', err: error });
    } finally {
      this.isBusy = false;
    }
  }

  /** The length of the WAL in bytes. */
  async length(): Promise<number> {
    const file = await stat(`${this.connection.file.path}-wal`).catch(() => undefined);
    return file?.size ?? 0;
  }

  /** Logs once when the WAL becomes long, and once when it is short again. */
  private report(length: number): void {
    if (length > LONG_LOG_BYTES && !this.isLong) {
      this.isLong = true;
      this.logger.warn({
        msg: 'The log of the database grows: another program reads the file and does not end',
        length,
      });
    } else if (length <= LOG_BYTES && this.isLong) {
      this.isLong = false;
      this.logger.warn({ msg: 'The log of the database is short again', length });
    }
  }
}
