import type { EntityManager } from '../database/database.js';
import { type ConversationEvent, conversationStream } from '../protocol/index.js';
import { readEvents } from '../streams/stream-tables.js';
import type { Message } from './message.entity.js';
import { Run } from './run.entity.js';

const EVENTS_PER_READ = 2_000;

/**
 * The committed text of a run, put together from its deltas: exactly what tabs have been shown (`L2`). What runs before
 * it have written of the same message is not part of it.
 */
export async function runText(em: EntityManager, run: Run): Promise<string> {
  const stream = conversationStream(run.conversationId);
  let text = '';
  for (let seq = run.firstSeq - 1; ;) {
    const events = await readEvents(em, stream, seq, EVENTS_PER_READ);
    for (const event of events as ConversationEvent[]) {
      if (event.type === 'run.delta' && event.data.runId === run.id) text += event.data.text;
    }
    const last = events.at(-1);
    if (!last || events.length < EVENTS_PER_READ) return text;
    seq = last.seq;
  }
}

/** The texts so far of replies that still stream, by the id of the message. */
export async function streamedTexts(
  em: EntityManager,
  messages: readonly Message[],
): Promise<ReadonlyMap<string, string>> {
  if (messages.length === 0) return new Map();
  const runs = await em.find(Run, { id: { $in: messages.flatMap(({ runId }) => runId ?? []) } });
  const texts = new Map(messages.map(({ id, text }) => [id, text]));
  for (const run of runs) texts.set(run.messageId, (texts.get(run.messageId) ?? '') + (await runText(em, run)));
  return texts;
}
