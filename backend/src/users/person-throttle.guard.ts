import { Injectable } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import { callerOf } from '../common/handlers/principal.js';

/** Limits requests per user instead of per address; `@Throttle` sets the limit. For routes that need a sign-in. */
@Injectable()
export class PersonThrottle extends ThrottlerGuard {
  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    // The exception for loopback only makes sense for limits per address.
    delete this.commonOptions.skipIf;
  }

  protected override getTracker(request: object): Promise<string> {
    return Promise.resolve(callerOf(request).userId);
  }
}
