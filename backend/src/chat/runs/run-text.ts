import type { EntityManager } from '../../database/database.js';
import type { TextOf } from '../../streams/journal/journal-tables.js';
import type { Message } from '../messages/message.entity.js';
import { Run } from './run.entity.js';

/** The committed texts of streaming replies, by the id of the message: exactly the text that tabs have seen (`L2`). */
export async function streamedTexts(
  em: EntityManager,
  messages: readonly Message[],
  textOf: TextOf,
): Promise<ReadonlyMap<string, string>> {
  if (messages.length === 0) return new Map();
  const runs = await em.find(Run, { id: { $in: messages.flatMap(({ runId }) => runId ?? []) } });
  const texts = new Map(messages.map(({ id, text }) => [id, text]));
  for (const { id, messageId } of runs) texts.set(messageId, (texts.get(messageId) ?? '') + (await textOf(id)));
  return texts;
}
