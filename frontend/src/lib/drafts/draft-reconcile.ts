import { MAX_TEXT_BYTES } from '#protocol';
import { markUnsaved } from './draft-saving.ts';
import { type DraftState, type SaveState, type ServerDraft, storedDraft } from './draft-state.ts';
import { type DraftStep, step, withSave } from './draft-step.ts';
import { storableText } from '../storage/storable-text.ts';
import { isLongerThan } from '../storage/text-bytes.ts';

/** For this time after a key press the text is not replaced, because the user may still be typing. */
const TYPING_MS = 2_000;

/** The stream contains a request of this tab. */
export function echo(before: DraftState, remote: ServerDraft): DraftStep {
  const { save, lastRequest } = before;
  if (remote.text !== lastRequest.text) return step(before);
  const state = { ...before, lastRequest: { ...lastRequest, isEchoed: true } };
  if (save.kind === 'saving') return step(withSave(state, { ...save, skipped: undefined }));
  // An answer may overtake events: an older text of another tab may have been shown in between.
  return isServers(save) ? adopt(state, remote) : step(state);
}

/** Reconciles the shown text with the server's. The later one wins, unless the user is typing here. */
export function reconcile(state: DraftState, remote: ServerDraft, now: number): DraftStep {
  const { save, text, lastRequest } = state;
  // The pending request overwrites it, unless its answer arrives without an echo.
  if (save.kind === 'saving' && !lastRequest.isEchoed) return step(withSave(state, { ...save, skipped: remote }));
  const isUnsaved = !isServers(save) && !(save.kind === 'saving' && storableText(text) === lastRequest.text);
  if (remote.text === text && (lastRequest.isEchoed || !isUnsaved)) return adopt(state, remote);
  const isTyping = now - state.typedAt < TYPING_MS;
  if (!isTyping && !(isUnsaved && isAhead(state, remote))) return adopt(state, remote);
  return step(save.kind === 'saving' ? overwrite(state, save) : markUnsaved(state, now));
}

/** Whether the shown text is the server's. */
const isServers = ({ kind }: SaveState): boolean => kind === 'saved' || kind === 'overtaken';

function overwrite(state: DraftState, { since, saveAt, isUrgent }: Extract<SaveState, { kind: 'saving' }>): DraftState {
  return withSave(state, { kind: 'overwritten', since, saveAt, isUrgent });
}

/** Whether an unsaved text wins over the server's, which may be later by the clock. */
function isAhead({ text, at, lastRequest }: DraftState, remote: ServerDraft): boolean {
  return (
    at >= remote.at ||
    // A message was sent, here or elsewhere. That removes its own text, but not text typed after it.
    remote.text === '' ||
    // The server has the previous request of this tab, which arrived late; or the remote text is older than that request.
    remote.text === lastRequest.text ||
    !lastRequest.isEchoed ||
    // Too long to be sent: this is the only copy.
    isLongerThan(text, MAX_TEXT_BYTES)
  );
}

function adopt(before: DraftState, { text, at }: ServerDraft): DraftStep {
  const isUnderWay = before.save.kind !== 'saved' && before.save.kind !== 'unsaved';
  const kind = isUnderWay ? 'overtaken' : 'saved';
  const state: DraftState = { ...before, text, at, save: { kind }, copyAt: undefined };
  return step(state, { type: 'storeAdopted', draft: storedDraft(state), at });
}
