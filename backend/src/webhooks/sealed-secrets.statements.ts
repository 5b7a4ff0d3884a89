import { readColumn, replaceColumn } from '../auth/secrets/sealed-column.js';

export const READ_SECRETS = readColumn('webhooks', 'sealed_secret');
export const REPLACE_SECRET = replaceColumn('webhooks', 'sealed_secret');

export const READ_FORMER_SECRETS = readColumn('webhooks', 'sealed_former_secret');
export const REPLACE_FORMER_SECRET = replaceColumn('webhooks', 'sealed_former_secret');
