import type { EntityManager } from '../database/database.js';
import { CONTINUE_INSTRUCTION } from '../models/continue-instruction.js';
import { branchIds } from './branch.js';
import { Message } from './message.entity.js';

/** More than any model's window holds; the models folder trims to the window itself. */
const MAX_HISTORY = 1_000;

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** What follows the question where the model goes on with a reply that broke off. */
export const continuedBy = (reply: string): Turn[] => [
  { role: 'assistant', text: reply },
  { role: 'user', text: CONTINUE_INSTRUCTION },
];

/** The branch that ends at a message, oldest first, for the prompt; replies that stayed empty are left out. */
export async function readHistory(em: EntityManager, conversationId: string, leafId: string | null): Promise<Turn[]> {
  const ids = await branchIds(em, conversationId, leafId, MAX_HISTORY);
  const rows = await em.find(Message, { id: { $in: ids } }, { fields: ['id', 'role', 'text'] });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row && row.text !== '' ? { role: row.role, text: row.text } : [];
  });
}
