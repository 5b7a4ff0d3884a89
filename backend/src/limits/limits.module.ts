import { Module } from '@nestjs/common';
import { GeneralLimits } from './general-limits.js';
import { RateLimits } from './rate-limits.js';
import { RequestLimits } from './request-limits.js';

/** The limits of all processes together. */
@Module({
  providers: [GeneralLimits, RateLimits, RequestLimits],
  exports: [RateLimits, RequestLimits],
})
export class LimitsModule {}
