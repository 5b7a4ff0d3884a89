import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { removeExpired } from '../../database/transactions/remove-expired.js';
import { type ClaimedDelivery, DeliveryRows, type DueWebhook } from './delivery-rows.js';
import { Lanes } from './lanes.js';
import { REMOVE_OLD_DELIVERIES } from '../webhook.statements.js';
import { type Outcome, sendWebhook } from './webhook-request.js';
import { WebhookSecrets } from '../webhook-secrets.js';

const LOOK_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 10 * 60_000;
/** How long a delivery is listed. */
const LISTED_MS = 30 * 24 * 3_600_000;

/**
 * Sends events to webhooks, in the background: a receiver that hangs or fails delays only its own events. Each delivery
 * is sent at least once, by one process at a time.
 */
@Injectable()
export class Courier implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Courier.name);
  private readonly lanes = new Lanes();
  private readonly underway = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private timers: readonly NodeJS.Timeout[] = [];
  private looking: Promise<void> | undefined;

  constructor(
    private readonly rows: DeliveryRows,
    private readonly secrets: WebhookSecrets,
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => this.look(), LOOK_EVERY_MS).unref(),
      setInterval(() => void this.sweep(), SWEEP_EVERY_MS).unref(),
    ];
  }

  /** Breaks attempts off, whose deliveries another process then sends at once. */
  async onModuleDestroy(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.stopping.abort();
    await this.looking;
    await Promise.all(this.underway);
  }

  /** Ends late deliveries and removes old ones. */
  async sweep(): Promise<void> {
    try {
      await this.rows.giveUpLate();
      await removeExpired(this.database, REMOVE_OLD_DELIVERIES, this.database.clock.now() - LISTED_MS);
    } catch (error) {
      this.logger.warn({ msg: 'Old deliveries of webhooks could not be removed', err: error });
    }
  }

  private look(): void {
    this.looking ??= this.start()
      .catch((error: unknown) => this.logger.warn({ msg: 'Webhooks could not be looked for', err: error }))
      .finally(() => (this.looking = undefined));
  }

  /** Starts as many attempts as there is room for. */
  private async start(): Promise<void> {
    for (const webhook of await this.rows.due()) {
      for (let count = 0; count < webhook.due && !this.stopping.signal.aborted; count += 1) {
        const lane = this.lanes.enter(webhook);
        if (!lane) break;
        const work = this.attempt(webhook, lane);
        this.underway.add(work);
        void work.then(() => this.underway.delete(work));
      }
    }
  }

  private async attempt({ id: webhookId }: DueWebhook, lane: Disposable): Promise<void> {
    let isClaimed = false;
    try {
      using _lane = lane;
      const claimed = await this.rows.claim(webhookId);
      if (!claimed) return;
      isClaimed = true;
      await this.send(claimed, webhookId);
    } catch (error) {
      // The lease passes, and the delivery is sent again.
      this.logger.warn({ msg: 'The delivery of a webhook broke off', webhookId, err: error });
    }
    // The next one of this webhook, without waiting for the timer.
    if (isClaimed && !this.stopping.signal.aborted) this.look();
  }

  private async send(claimed: ClaimedDelivery, webhookId: string): Promise<void> {
    const { signal } = this.stopping;
    let outcome: Outcome;
    try {
      outcome = await this.outcomeOf(claimed, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.rows.release(claimed);
      return;
    }
    await this.rows.finish(claimed, webhookId, outcome);
  }

  private async outcomeOf(claimed: ClaimedDelivery, signal: AbortSignal): Promise<Outcome> {
    const opened = await Promise.all(claimed.sealedSecrets.map((sealed) => this.secrets.open(sealed)));
    if (opened[0] === undefined) return { answerStatus: null, failure: 'secret_lost', isGone: false };
    return sendWebhook({
      url: claimed.url,
      id: `msg_${claimed.id}`,
      at: this.database.clock.now(),
      body: claimed.payload,
      secrets: opened.filter((secret) => secret !== undefined),
      allowsPrivate: this.config.allowsPrivateWebhooks,
      signal,
    });
  }
}
