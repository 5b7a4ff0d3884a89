import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { perAddress, perUser, type Policy } from './policy.js';

/** The limits of routes without one of their own, and of requests without a valid sign-in. */
@Injectable()
export class GeneralLimits {
  private readonly policies: Readonly<Record<Policy['per'], Policy>>;

  constructor(@Inject(CONFIG) { limits }: Config) {
    this.policies = {
      user: perUser('user', limits.requestsPerUser),
      address: perAddress('address', limits.requestsPerAddress, 'Too many requests from this address within a minute.'),
    };
  }

  of(per: Policy['per']): Policy {
    return this.policies[per];
  }
}
