import { type BackupFailure, type BackupStatus, backupFailure } from '../../protocol/http/index.js';
import type { Database } from '../database.js';
import { CHANGE_CLAIM, READ_FACTS, SET_FACT, TAKE_CLAIM } from './backup-facts.statements.js';

/** How long a claim holds without being renewed. */
const CLAIM_MS = 60_000;
const RENEW_MS = CLAIM_MS / 4;

/** The right to make a backup, which one process has at a time. It ends with the process, after a minute at most. */
export class BackupClaim implements AsyncDisposable {
  private readonly timer = setInterval(() => void this.change(this.next()), RENEW_MS).unref();

  private constructor(
    private readonly database: Database,
    private value: string,
  ) {}

  /** @returns `undefined` while another process has it */
  static async take(database: Database): Promise<BackupClaim | undefined> {
    const now = database.clock.now();
    const until = String(now + CLAIM_MS);
    const rows = await database.transaction(({ all }) => all(TAKE_CLAIM, [until, now]));
    return rows.length > 0 ? new BackupClaim(database, until) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.change('0');
  }

  private next(): string {
    return String(this.database.clock.now() + CLAIM_MS);
  }

  /** Without the database it is not renewed, and passes. */
  private async change(next: string): Promise<void> {
    const former = this.value;
    this.value = next;
    await this.database.transaction(({ all }) => all(CHANGE_CLAIM, [next, former])).catch(() => undefined);
  }
}

/** Reads what all processes know of scheduled backups. */
export async function readBackups(database: Database): Promise<BackupStatus> {
  const rows = await database.query(READ_FACTS, []);
  const facts = new Map(rows.map(({ key, value }) => [String(key), String(value)]));
  const done = facts.get('backup_done');
  const [at, reason] = facts.get('backup_failed')?.split(' ') ?? [];
  const failure = backupFailure.safeParse({ at: Number(at), reason });
  return { lastAt: done === undefined ? null : Number(done), ...(failure.success && { failure: failure.data }) };
}

/** Notes a success, which ends all failures before. @param at when it began */
export const noteSuccess = (database: Database, at: number): Promise<void> =>
  database.transaction(async ({ all }) => {
    await all(SET_FACT, ['backup_done', String(at)]);
    await all(SET_FACT, ['backup_failed', '']);
  });

export const noteFailure = (database: Database, { at, reason }: BackupFailure): Promise<void> =>
  database.transaction(async ({ all }) => void (await all(SET_FACT, ['backup_failed', `${at} ${reason}`])));
