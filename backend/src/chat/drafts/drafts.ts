import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../../database/database.js';
import { toNumber } from '../../database/sql/sql-values.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { conversationStream, type Draft as DraftView, userStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { Draft } from './draft.entity.js';
import { REMOVE_DRAFT } from './draft.statements.js';
import { READ_DRAFT } from '../messages/snapshot.statements.js';

/** The composer that a draft belongs to; `conversationId` is `null` for a new conversation. */
export interface DraftPlace {
  readonly userId: string;
  readonly conversationId: string | null;
}

/** The primary key of a draft. */
export const keyOf = ({ userId, conversationId }: DraftPlace): string => conversationId ?? userId;

/** Reads the draft of a composer for a snapshot. */
export async function readDraft(transaction: RunsStatements, place: DraftPlace): Promise<DraftView | null> {
  const [row] = await transaction.all(READ_DRAFT, [keyOf(place), place.userId]);
  return row ? { text: String(row['text']), origin: String(row['origin']), at: toNumber(row['at']) } : null;
}

/** Stores a draft, or removes it when the text is empty. An unchanged text leads to no event. */
export async function writeDraft(
  transaction: LogTransaction,
  place: DraftPlace,
  { text, origin }: Pick<DraftView, 'text' | 'origin'>,
): Promise<void> {
  const draft = await lockDraft(transaction.em, place);
  if ((draft?.text ?? '') === text) return;
  change(transaction, place, draft, { text, origin, at: transaction.at });
}

/**
 * Removes the draft whose text was just sent, so that the composers on other devices are cleared. A draft with another
 * text stays. The origin of the event is the `clientMessageId`, by which the sending tab recognises it: the draft may
 * have been written by another tab.
 */
export async function clearSentDraft(
  transaction: LogTransaction,
  place: DraftPlace,
  /** The text of the draft, as it was read in this transaction. */
  draft: string | null,
  sent: { readonly text: string; readonly clientMessageId: string },
): Promise<void> {
  if (draft?.trim() !== sent.text.trim()) return;
  const removed = await transaction.all(REMOVE_DRAFT, [keyOf(place), place.userId, draft]);
  if (removed.length > 0)
    appendChange(transaction, place, { text: '', origin: sent.clientMessageId, at: transaction.at });
}

const lockDraft = (em: EntityManager, place: DraftPlace): Promise<Draft | null> =>
  em.findOne(Draft, { place: keyOf(place), userId: place.userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });

function change(transaction: LogTransaction, place: DraftPlace, draft: Draft | null, next: DraftView): void {
  const { em } = transaction;
  if (next.text === '') {
    if (draft) em.remove(draft);
  } else if (draft) {
    Object.assign(draft, next);
  } else {
    em.create(Draft, { place: keyOf(place), userId: place.userId, ...next });
  }
  appendChange(transaction, place, next);
}

function appendChange(transaction: LogTransaction, { userId, conversationId }: DraftPlace, draft: DraftView): void {
  const stream = conversationId === null ? userStream(userId) : conversationStream(conversationId);
  transaction.append(stream, { type: 'draft.changed', data: draft });
}
