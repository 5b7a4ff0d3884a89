import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { ChatError } from '../../protocol/index.js';
import { Slots } from '../../slots.js';
import { EventLog } from '../../streams/log/event-log.js';
import { appendUserUpdated } from '../user-events.js';
import { User } from '../user.entity.js';
import { Picture } from './picture.entity.js';
import { type FetchedPicture, fetchPicture } from './picture-request.js';

/** How many pictures are fetched at once. */
const AT_ONCE = 4;
/** Some providers change the picture behind an address. */
const GOOD_FOR_MS = 24 * 3_600_000;

/** Keeps a copy of each user's picture, so that the page needs no other host. */
@Injectable()
export class Pictures implements OnModuleDestroy {
  private readonly logger = new Logger(Pictures.name);
  private readonly slots = new Slots(AT_ONCE);
  private readonly stopping = new AbortController();
  private readonly underway = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Fetches the picture of a user who has signed in, if it is another one. In the background, and it never throws. */
  arrived({ id, picture, disabled }: Pick<User, 'id' | 'picture' | 'disabled'>): void {
    if (disabled || this.stopping.signal.aborted) return;
    const source = picture ?? null;
    const work = this.renew(id, source).catch((error: unknown) => this.failed(id, source, error));
    this.underway.add(work);
    void work.then(() => this.underway.delete(work));
  }

  /** @throws ChatError `not_found` when there is no picture, or not this version of it */
  async read(userId: string, version: string | undefined): Promise<Picture> {
    const picture = await this.database.read((em) => em.findOne(Picture, { userId }));
    if (picture && (version === undefined || version === picture.hash)) return picture;
    throw new ChatError('not_found', 'There is no such picture.');
  }

  /** Resolves when no picture is being fetched. */
  async settled(): Promise<void> {
    while (this.underway.size > 0) await Promise.all(this.underway);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.settled();
  }

  private async renew(userId: string, source: string | null): Promise<void> {
    if (await this.isKept(userId, source)) return;
    const { signal } = this.stopping;
    const allowsLocal = this.config.google?.isLocal ?? false;
    const fetched = source === null ? null : await this.slots.run(() => fetchPicture(source, { allowsLocal, signal }));
    await this.store(userId, source, fetched);
  }

  private async isKept(userId: string, source: string | null): Promise<boolean> {
    const kept = await this.database.read((em) =>
      em.findOne(Picture, { userId }, { fields: ['source', 'fetchedAt'], disableIdentityMap: true }),
    );
    if (!kept) return source === null;
    return kept.source === source && kept.fetchedAt > this.database.clock.now() - GOOD_FOR_MS;
  }

  private async store(userId: string, source: string | null, fetched: FetchedPicture | null): Promise<void> {
    const hash = fetched && createHash('sha256').update(fetched.bytes).digest('base64url');
    await this.log.write(async (transaction) => {
      const { em, at } = transaction;
      const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      // A later sign-in has brought another address, or the account is gone.
      if (!user || (user.picture ?? null) !== source) return;
      await em.nativeDelete(Picture, { userId });
      if (fetched && hash !== null && source !== null) {
        await em.insert(Picture, { userId, source, hash, fetchedAt: at, ...fetched });
      }
      if ((user.pictureHash ?? null) === hash) return;
      user.pictureHash = hash;
      await appendUserUpdated(transaction, user);
    });
  }

  private failed(userId: string, source: string | null, error: unknown): void {
    if (this.stopping.signal.aborted) return;
    // Without the path, which may contain a secret of the provider.
    const host = URL.parse(source ?? '')?.host ?? 'nowhere';
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.warn(`The picture of user ${userId} could not be fetched from ${host}: ${reason}`);
  }
}
