import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { NIL } from 'uuid';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { Rounds } from '../../rounds.js';
import { TokenVault } from '../roles/held-tokens.js';
import { IdTokens } from '../sign-out/id-tokens.js';
import type { Seal } from './seal.js';
import { READ_AT_ONCE, type SealedColumn } from './sealed-column.js';
import {
  READ_ID_TOKENS,
  READ_PROVIDER_TOKENS,
  REPLACE_ID_TOKEN,
  REPLACE_PROVIDER_TOKENS,
} from './sealed-sessions.statements.js';

/** Again and again, because a process that still has the previous secret as its own may be writing. */
const EVERY_MS = 10 * 60_000;

/**
 * While `APP_SECRET_PREVIOUS` is set, encrypts what is stored with `APP_SECRET`, so that the previous secret can be
 * removed without a loss.
 */
@Injectable()
export class SecretRotation implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SecretRotation.name);
  private readonly sealed: [SealedColumn, Seal][];
  private readonly rounds = new Rounds(() => this.round());
  private hasSaidDone = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    idTokens: IdTokens,
    vault: TokenVault,
  ) {
    this.sealed = [
      [{ read: READ_ID_TOKENS, replace: REPLACE_ID_TOKEN }, idTokens],
      [{ read: READ_PROVIDER_TOKENS, replace: REPLACE_PROVIDER_TOKENS }, vault],
    ];
  }

  /** Adds a column. Call it before the start. */
  add(column: SealedColumn, seal: Seal): void {
    this.sealed.push([column, seal]);
  }

  onApplicationBootstrap(): void {
    if (this.config.previousSecret === undefined) return;
    this.rounds.start(EVERY_MS);
  }

  onApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  /** Encrypts again what was encrypted with the previous secret. @returns how many values */
  async sealAgain(): Promise<number> {
    let count = 0;
    for (const [column, seal] of this.sealed) count += await this.sealColumn(column, seal);
    return count;
  }

  private async round(): Promise<void> {
    try {
      this.report(await this.sealAgain());
    } catch (error) {
      this.logger.warn({ msg: 'Stored secrets could not be encrypted again', err: error });
    }
  }

  private report(count: number): void {
    if (count > 0) this.logger.log({ msg: 'Stored secrets are encrypted with the new APP_SECRET', count });
    else if (!this.hasSaidDone) this.logger.log('Nothing in the database needs APP_SECRET_PREVIOUS');
    this.hasSaidDone = count === 0;
  }

  private async sealColumn({ read, replace }: SealedColumn, seal: Seal): Promise<number> {
    let count = 0;
    for (let after: string = NIL; ;) {
      const rows = this.rounds.stopping ? [] : await this.database.query(read, [after]);
      for (const { id, sealed } of rows) {
        const renewed = await seal.renew(String(sealed));
        if (renewed === undefined) continue;
        // What was replaced meanwhile stays: it is newer.
        await this.database.transaction(({ all }) => all(replace, [renewed, String(id), String(sealed)]));
        count += 1;
      }
      if (rows.length < READ_AT_ONCE) return count;
      after = String(rows.at(-1)?.['id']);
    }
  }
}
