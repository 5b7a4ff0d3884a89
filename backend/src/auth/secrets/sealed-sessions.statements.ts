import { readColumn, replaceColumn } from './sealed-column.js';

export const READ_ID_TOKENS = readColumn('sessions', 'id_token');
export const REPLACE_ID_TOKEN = replaceColumn('sessions', 'id_token');

export const READ_PROVIDER_TOKENS = readColumn('sessions', 'provider_tokens');
export const REPLACE_PROVIDER_TOKENS = replaceColumn('sessions', 'provider_tokens');
