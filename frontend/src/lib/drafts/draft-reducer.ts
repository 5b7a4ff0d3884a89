import { MAX_TEXT_BYTES } from '#protocol';
import { echo, reconcile } from './draft-reconcile.ts';
import { flush, markUnsaved, request, schedule } from './draft-saving.ts';
import type { DraftEvent, DraftState } from './draft-state.ts';
import { andThen, copy, type DraftStep, step, withSave, withSaveAt } from './draft-step.ts';
import { storableText } from '../storage/storable-text.ts';

/** How long a remote edit counts as typing on another device. */
const PRESENCE_MS = 4_000;
const RETRY_MS = 5_000;
/** The delay after a reconnect, in which the stream delivers edits from other devices. */
const RESUME_MS = 2_000;
/** The delay of the browser's copy for a text that is too long to be sent. */
const LONG_COPY_MS = 500;

/** The draft after an event at `now`. Pure: clocks, storage and the connection belong to `Draft`. */
export function reduceDraft(state: DraftState, event: DraftEvent, now: number): DraftStep {
  if (state.save.kind === 'closed') return step(event.type === 'edited' ? { ...state, text: event.text } : state);
  switch (event.type) {
    case 'edited':
      return event.text === state.text ? step(state) : replace({ ...state, typedAt: now }, event, now);
    case 'sent':
      // Sending does not count as typing: an edit on another device may replace the text at once.
      return andThen(
        replace({ ...state, typedAt: Number.NEGATIVE_INFINITY }, { text: '', timeOfDay: event.timeOfDay }, now),
        (empty) => flush(empty, now),
      );
    case 'flushed':
      return flush(state, now);
    case 'connected':
      return step(withSaveAt(state, now + RESUME_MS));
    case 'echoed':
      return echo(state, event.remote);
    case 'remotelyEdited': {
      const typedElsewhereUntil = event.remote.text === '' ? undefined : now + PRESENCE_MS;
      return reconcile({ ...state, typedElsewhereUntil }, event.remote, now);
    }
    case 'snapshot':
      return reconcile(state, event.remote, now);
    case 'acknowledged':
      return acknowledge(state, now);
    case 'failed':
      return step(fail(state, event.isWorthRetrying ? Math.max(event.retryAfterMs ?? 0, RETRY_MS) : undefined, now));
    case 'timePassed':
      return passTime(state, now);
    case 'closed':
      return step({ ...state, save: { kind: 'closed' }, copyAt: undefined, typedElsewhereUntil: undefined });
  }
}

function replace(
  before: DraftState,
  { text, timeOfDay }: { readonly text: string; readonly timeOfDay: number },
  now: number,
): DraftStep {
  // Later than the previous text, even if the clock of this device was set back.
  const at = Math.max(timeOfDay, before.at + 1);
  const state = markUnsaved({ ...before, text, at, typedElsewhereUntil: undefined }, now);
  if (text.length <= MAX_TEXT_BYTES) return copy(state);
  return step({ ...state, copyAt: state.copyAt ?? now + LONG_COPY_MS });
}

function acknowledge(state: DraftState, now: number): DraftStep {
  const { save, text, lastRequest } = state;
  if (save.kind === 'overtaken') return step(withSave(state, { kind: 'saved' }));
  if (save.kind !== 'saving' && save.kind !== 'overwritten') return step(state);
  // Half a character may have been typed so far: do not replace it while the user is typing.
  if (save.kind === 'saving' && storableText(text) === lastRequest.text) {
    const { skipped } = save;
    const saved = copy(withSave(state, { kind: 'saved' }));
    return skipped ? andThen(saved, (settled) => reconcile(settled, skipped, now)) : saved;
  }
  const rest = withSave(state, { kind: 'unsaved', since: now, saveAt: undefined });
  return save.isUrgent ? request(rest, now) : step(schedule(rest, now));
}

/** The browser's copy is kept; without a retry, the text is sent with the next edit or after a reconnect. */
function fail(state: DraftState, retryMs: number | undefined, now: number): DraftState {
  const { save } = state;
  if (save.kind === 'overtaken') return withSave(state, { kind: 'saved' });
  if (save.kind !== 'saving' && save.kind !== 'overwritten') return state;
  const { since, saveAt } = save;
  return withSave(state, { kind: 'unsaved', since, saveAt: retryMs === undefined ? saveAt : now + retryMs });
}

function passTime(before: DraftState, now: number): DraftStep {
  const isDue = (deadline: number | undefined): boolean => deadline !== undefined && deadline <= now;
  const { typedElsewhereUntil, copyAt, save } = before;
  const state = isDue(typedElsewhereUntil) ? { ...before, typedElsewhereUntil: undefined } : before;
  return andThen(isDue(copyAt) ? copy(state) : step(state), (copied) => {
    if (!('saveAt' in save) || !isDue(save.saveAt)) return step(copied);
    return save.kind === 'unsaved' ? request(copied, now) : step(withSaveAt(copied, undefined));
  });
}
