import { createHmac } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { EventLog } from '../log/event-log.js';
import type { Bus } from './bus.js';
import { type ReceivedItem, headerOf, linesOf, readLine } from './bus-message.js';
import { NotifyBus } from './notify-bus.js';

/** The receiver of other processes' commits. The batches themselves come through `EventLog.onCommitted`. */
export interface Follows {
  readonly listensTo: (stream: string) => boolean;
  /** The head of the stream is `seq`, and its events have to be read from the log. */
  readonly moved: (stream: string, seq: number) => void;
  /** Messages may have been missed: all streams have to be checked. */
  readonly missed: () => void;
}

/**
 * Exchanges commits with the other processes on the same database, within milliseconds. Messages may be lost. Nothing
 * is sent before its commit (`L2`), and no socket of this process waits for the bus. The batches of a stream may arrive
 * in another order than that of their numbers.
 *
 * On SQLite, which only one process uses, there is no bus.
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

  /** @throws CannotStart when the configured server can never work as a bus */
  async onModuleInit(): Promise<void> {
    const bus = await this.open();
    if (!bus) return;
    this.bus = bus;
    this.log.onOwnCommit((batch) => bus.publish(batch));
    await bus.start({
      received: (message) => this.received(message),
      connected: () => this.follows?.missed(),
      failed: (error) => this.logger.warn({ msg: 'Events of other processes arrive with a delay for now', err: error }),
    });
  }

  onApplicationShutdown(): void {
    this.bus?.[Symbol.dispose]();
  }

  /** Starts to pass on the items of other processes. */
  listen(follows: Follows): void {
    this.follows = follows;
  }

  /** Starts to receive the events of a stream that a socket of this process follows or is about to follow. */
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

  private onMessage(item: ReceivedItem, follows: Follows): void {
    switch (item.kind) {
      case 'events':
        return this.log.notify(item.batch);
      case 'head':
        return follows.moved(item.stream, item.seq);
      case 'many':
        return follows.missed();
    }
  }
}

/**
 * A name for the channels of this installation. Channels of Redis are shared by all its databases, and the stream
 * `admin` has no id, so installations on the same Redis would otherwise receive each other's events.
 */
const installationOf = ({ appSecret }: Config): string =>
  createHmac('sha256', appSecret).update('channels of Redis').digest('base64url').slice(0, 16);
