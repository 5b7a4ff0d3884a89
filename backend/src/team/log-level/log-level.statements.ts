import { statement } from '../../database/sql/statement.js';

/** The level that an admin has chosen, as JSON; no row before the first choice. */
export const READ_LOG_LEVEL = statement(`select "value" from meta where "key" = 'log_level'`);
