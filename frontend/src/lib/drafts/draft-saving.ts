import { MAX_TEXT_BYTES } from '#protocol';
import type { DraftState } from './draft-state.ts';
import { andThen, copy, type DraftStep, step, withSave, withSaveAt } from './draft-step.ts';
import { storableText } from '../storage/storable-text.ts';
import { isLongerThan } from '../storage/text-bytes.ts';

/** A pause in typing after which a draft is saved. */
const PAUSE_MS = 700;
/** The interval at which continuous typing is saved; nothing is saved more often. */
const INTERVAL_MS = 2_000;

/** Marks the shown text as not saved on the server, and schedules saving. */
export function markUnsaved(state: DraftState, now: number): DraftState {
  const { save } = state;
  switch (save.kind) {
    case 'saved':
      return schedule(withSave(state, { kind: 'unsaved', since: now, saveAt: undefined }), now);
    case 'unsaved':
      return schedule(state, now);
    case 'overtaken':
      return withSave(state, { kind: 'overwritten', since: now, saveAt: undefined, isUrgent: false });
    case 'saving':
    case 'overwritten':
    case 'closed':
      return state;
  }
}

export function schedule(state: DraftState, now: number): DraftState {
  const since = state.save.kind === 'unsaved' ? state.save.since : now;
  const pause = Math.min(state.typedAt + PAUSE_MS, since + INTERVAL_MS);
  return withSaveAt(state, Math.max(now, pause, state.lastRequest.sentAt + INTERVAL_MS));
}

/** Sends an unsaved text, unless it is too long: then it is only kept in this browser. */
export function request(state: DraftState, now: number): DraftStep {
  if (state.save.kind !== 'unsaved') return step(state);
  const text = storableText(state.text);
  if (isLongerThan(text, MAX_TEXT_BYTES)) return step(withSaveAt(state, undefined));
  return step(
    {
      ...state,
      save: { ...state.save, kind: 'saving', saveAt: undefined, isUrgent: false, skipped: undefined },
      lastRequest: { text, sentAt: now, isEchoed: false },
    },
    { type: 'send', text },
  );
}

/** Sends without waiting for a pause. */
export function flush(state: DraftState, now: number): DraftStep {
  const { save } = state;
  switch (save.kind) {
    case 'unsaved':
      return andThen(copy(state), (copied) => request(copied, now));
    case 'saving':
    case 'overwritten':
      return copy(withSave(state, { ...save, isUrgent: true }));
    case 'saved':
    case 'overtaken':
    case 'closed':
      return step(state);
  }
}
