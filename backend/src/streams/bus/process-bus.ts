import { createHmac } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { EventLog } from '../log/event-log.js';
import type { Bus } from './bus.js';
import { type HeardItem, headerOf, linesOf, readLine } from './bus-message.js';
import { NotifyBus } from './notify-bus.js';

/** Who wants to know what other processes commit. Batches come by `EventLog.onCommitted`. */
export interface Follows {
  readonly listensTo: (stream: string) => boolean;
  /** The stream stands at `seq`, and its events have to be read. */
  readonly moved: (stream: string, seq: number) => void;
  /** Something may have been missed: everything has to be looked at. */
  readonly missed: () => void;
}

/**
 * Tells other processes on the same database what this one has committed, and hears what they have, within
 * milliseconds. It may miss something; it tells nothing before its commit (`L2`), and no socket of this process waits
 * for it. A stream's batches may come in another order than that of their numbers.
 *
 * On SQLite, which one process has to itself, there is none.
 */
@Injectable()
export class ProcessBus implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(ProcessBus.name);
  private readonly header: string;
  private follows: Follows | undefined;
  private bus: Bus | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly log: EventLog,
  ) {
    this.header = headerOf(log.process);
  }

  /** @throws CannotStart when the bus can never carry anything */
  async onModuleInit(): Promise<void> {
    const bus = await this.open();
    if (!bus) return;
    this.bus = bus;
    this.log.onOwnCommit((batch) => bus.publish(batch));
    await bus.start({
      received: (message) => this.received(message),
      connected: () => this.follows?.missed(),
      failed: (error) => this.logger.warn({ msg: 'Other processes are heard with a delay for a while', err: error }),
    });
  }

  onApplicationShutdown(): void {
    this.bus?.[Symbol.dispose]();
  }

  /** Begins to pass on what other processes publish. */
  listen(follows: Follows): void {
    this.follows = follows;
  }

  /** A socket of this process listens to the stream, or is about to. */
  follow(stream: string): void {
    this.bus?.follow(stream);
  }

  unfollow(stream: string): void {
    this.bus?.unfollow(stream);
  }

  private async open(): Promise<Bus | undefined> {
    const { config, database, log } = this;
    switch (config.bus.kind) {
      case 'none':
        return undefined;
      case 'notify':
        return new NotifyBus(database, config.bus.url, log.process);
      case 'redis': {
        const { RedisBus } = await import('./redis-bus.js');
        return new RedisBus(config.bus.url, installationOf(config), log.process);
      }
    }
  }

  private received(message: string): void {
    const { follows } = this;
    if (!follows) return;
    for (const line of linesOf(message, this.header)) {
      const item = readLine(line, follows.listensTo);
      if (item) this.onMessage(item, follows);
    }
  }

  private onMessage(item: HeardItem, follows: Follows): void {
    switch (item.kind) {
      case 'events':
        return this.log.hear(item.batch);
      case 'head':
        return follows.moved(item.stream, item.seq);
      case 'many':
        return follows.missed();
    }
  }
}

/** Keeps installations apart that share one Redis, whose channels know no databases: a stream of admins has no id. */
const installationOf = ({ appSecret }: Config): string =>
  createHmac('sha256', appSecret).update('channels of Redis').digest('base64url').slice(0, 16);
