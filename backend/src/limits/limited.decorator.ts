import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Policy } from './policy.js';

/** The metadata key, which `RequestLimits` and the contract read. */
export const LIMITED = 'limited';

/** A limit of this route, or of the routes of this class: it replaces the general one. */
export const Limited = (policy: Policy): CustomDecorator => SetMetadata(LIMITED, policy);
