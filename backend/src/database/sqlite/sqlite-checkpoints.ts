import { stat } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { CompiledQuery, type Kysely } from 'kysely';
import type { Slots } from '../../slots.js';
import type { DirectSqliteConnection } from './sqlite-driver.js';

const LOOK_EVERY_MS = 500;
/** SQLite's own threshold: a thousand pages. */
const LOG_BYTES = 4 * 1024 * 1024;
/** A log of this length is kept by somebody: another program that reads the file and does not end. */
const LONG_LOG_BYTES = 64 * 1024 * 1024;

/**
 * Brings SQLite's log into the file, in the thread of a reader: by itself SQLite does it within the commit that makes
 * the log long, which keeps the event loop waiting for the disk.
 *
 * No reader is at work meanwhile. SQLite writes the log from its beginning again once all of it is in the file and none
 * reads in it: readers that overlap without a pause would let it grow for ever.
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
    // A log that begins anew is cut to this length, so that one that is longer holds something.
    this.connection.exec(`pragma wal_autocheckpoint = 0; pragma journal_size_limit = ${LOG_BYTES}`);
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** The close of the last connection brings the rest into the file. */
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
      this.logger.error({ msg: 'The log of the database could not be brought into its file', err: error });
    } finally {
      this.isBusy = false;
    }
  }

  /** How long the log is, in bytes. */
  async length(): Promise<number> {
    const file = await stat(`${this.connection.file.path}-wal`).catch(() => undefined);
    return file?.size ?? 0;
  }

  /** Once each time that it becomes long, and once when it is short again. */
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
