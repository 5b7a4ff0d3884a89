import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import proxyaddr from 'proxy-addr';
import { MIGRATIONS } from '../../migrations/index.js';
import { addressOf } from '../common/request-id.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { type Examined, examine } from '../config/examine/examine.js';
import { ChatError } from '../protocol/index.js';
import type { ProcessStanding, SystemCheck } from '../protocol/http/index.js';
import { diagnose } from './diagnose.js';
import { ownStanding } from './own-standing.js';
import { isSigned, SIGNATURE_HEADER } from './standing.js';

/** A diagnosis asks the models, which costs money, so its result is kept for a moment. */
const KEPT_MS = 10_000;

/** The system check of the running server. */
@Injectable()
export class DoctorService {
  private last: { readonly until: number; readonly report: SystemCheck } | undefined;
  private running: Promise<SystemCheck> | undefined;
  private own: ReturnType<typeof ownStanding> | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Checks everything, or returns the result of a check that runs now or has just ended. */
  check(): Promise<SystemCheck> {
    if (this.last && performance.now() < this.last.until) return Promise.resolve(this.last.report);
    return (this.running ??= this.run().finally(() => (this.running = undefined)));
  }

  /**
   * What this process is and how it sees the request.
   * @throws ChatError `not_found` unless the request is signed with `APP_SECRET`
   */
  standing({ headers, ip, socket, path }: Request): ProcessStanding {
    const { appSecret, trustedProxies } = this.config;
    const signature = headers[SIGNATURE_HEADER];
    if (typeof signature !== 'string' || !isSigned(appSecret, signature)) {
      throw new ChatError('not_found', `Cannot GET ${path}`);
    }
    const peer = socket.remoteAddress;
    return {
      ...(this.own ??= ownStanding(appSecret, this.examined().variables)),
      address: addressOf(ip),
      peer: addressOf(peer),
      isPeerTrusted: peer !== undefined && proxyaddr.compile([...trustedProxies])(peer, 0),
      hasForwardedFor: headers['x-forwarded-for'] !== undefined,
    };
  }

  /** What the process was started with, and not what `.env` says by now. */
  private examined(): Examined {
    return { ...examine(this.config.variables), config: this.config };
  }

  private async run(): Promise<SystemCheck> {
    const report = await diagnose({
      examined: this.examined(),
      migrations: MIGRATIONS.map(({ name }) => name),
      isServer: true,
    });
    this.last = { until: performance.now() + KEPT_MS, report };
    return report;
  }
}
