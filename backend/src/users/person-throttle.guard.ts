import { Injectable } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import { principalOf } from '../common/handlers/principal.js';

/** Counts what one person does, from wherever; `@Throttle` says how much of it. For routes that nobody calls unknown. */
@Injectable()
export class PersonThrottle extends ThrottlerGuard {
  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    // The exception for this machine is for those who are told apart by their address alone.
    delete this.commonOptions.skipIf;
  }

  protected override getTracker(request: object): Promise<string> {
    return Promise.resolve(principalOf(request).userId);
  }
}
