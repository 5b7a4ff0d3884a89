import { ADMIN_STREAM, userStream } from '../protocol/index.js';
import type { Webhook } from './webhook.entity.js';

/** The stream whose readers see a webhook. */
export const streamOf = ({ scope, userId }: Pick<Webhook, 'scope' | 'userId'>): string =>
  scope === 'own' ? userStream(userId) : ADMIN_STREAM;
