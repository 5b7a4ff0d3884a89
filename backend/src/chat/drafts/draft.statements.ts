import { statement } from '../../database/sql/statement.js';

/** Removes the draft at the place `$1` of the user `$2`, if it still has the text `$3`. */
export const REMOVE_DRAFT = statement(`
  delete from drafts where place = $1 and user_id = $2 and text = $3 returning place`);
