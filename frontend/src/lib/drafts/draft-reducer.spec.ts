import { describe, expect, it } from 'vitest';
import { reduceDraft } from './draft-reducer.ts';
import {
  type DraftEvent,
  type DraftState,
  nextDeadline,
  openDraft,
  type SaveState,
  storedDraft,
} from './draft-state.ts';

const START = 10_000;
/** The time of day on the server and the device, when the monotonic clock is at `START`. */
const TIME_OF_DAY = 1_000_000;

const type = (text: string): DraftEvent => ({ type: 'edited', text, timeOfDay: TIME_OF_DAY });
const sent: DraftEvent = { type: 'sent', timeOfDay: TIME_OF_DAY + 1 };
const shows = (kind: 'echoed' | 'remotelyEdited' | 'snapshot', text: string, at = TIME_OF_DAY + 100): DraftEvent => ({
  type: kind,
  remote: { text, at },
});
const flushed: DraftEvent = { type: 'flushed' };
const connected: DraftEvent = { type: 'connected' };
const acknowledged: DraftEvent = { type: 'acknowledged' };
const failed = { type: 'failed', isWorthRetrying: true, retryAfterMs: undefined } as const;
const refused: DraftEvent = { type: 'failed', isWorthRetrying: false, retryAfterMs: undefined };
const closed: DraftEvent = { type: 'closed' };
const due: DraftEvent = { type: 'timePassed' };

type Step = DraftEvent | { readonly waitMs: number };
const LATER = { waitMs: 3_000 };

/** The result of events; waits between them advance the time. */
function after(...steps: readonly Step[]): DraftState & { readonly requests: readonly string[] } {
  let state = openDraft(undefined, START);
  let now = START;
  const requests: string[] = [];
  for (const step of steps) {
    if ('waitMs' in step) {
      now += step.waitMs;
      continue;
    }
    const next = reduceDraft(state, step, now);
    state = next.state;
    for (const effect of next.effects) if (effect.type === 'send') requests.push(effect.text);
  }
  return { ...state, requests };
}

const SAVED = [type('a'), flushed, shows('echoed', 'a'), acknowledged, LATER];
const UNSAVED = [type('a')];
const SAVING = [type('a'), flushed];
const ECHOED = [type('a'), flushed, shows('echoed', 'a'), LATER];
const OVERTAKEN = [...ECHOED, shows('remotelyEdited', 'b')];
const OVERWRITTEN = [type('a'), flushed, shows('echoed', 'a'), shows('remotelyEdited', 'b')];

describe('a draft, by its relation to the server', () => {
  it.each<[readonly Step[], string, readonly Step[], SaveState['kind'], string]>([
    [[], 'nothing', [], 'saved', ''],
    [[], 'typing', [type('a')], 'unsaved', 'a'],
    [SAVED, 'typing', [type('ab')], 'unsaved', 'ab'],
    [SAVED, 'the same text typed', [type('a')], 'saved', 'a'],
    [SAVED, 'a message', [sent], 'saving', ''],
    [SAVED, 'a flush', [flushed], 'saved', 'a'],
    [SAVED, 'a remote edit', [shows('remotelyEdited', 'b')], 'saved', 'b'],
    [
      SAVED,
      'a remote edit under the fingers',
      [type('ab'), flushed, acknowledged, shows('remotelyEdited', 'b')],
      'unsaved',
      'ab',
    ],
    [SAVED, 'an older remote edit, and its own', [shows('remotelyEdited', 'b'), shows('echoed', 'a')], 'saved', 'a'],
    [SAVED, 'the echo of another text', [shows('echoed', 'older')], 'saved', 'a'],
    [SAVED, 'a snapshot of nothing', [shows('snapshot', '', 0)], 'saved', ''],
    [SAVED, 'a stray answer', [acknowledged, failed], 'saved', 'a'],
    [UNSAVED, 'a pause', [{ waitMs: 700 }, due], 'saving', 'a'],
    [UNSAVED, 'less than a pause', [{ waitMs: 699 }, due], 'unsaved', 'a'],
    [UNSAVED, 'a remote edit, soon', [shows('remotelyEdited', 'b')], 'unsaved', 'a'],
    [UNSAVED, 'a later remote edit', [LATER, shows('remotelyEdited', 'b')], 'saved', 'b'],
    [UNSAVED, 'an earlier remote edit', [LATER, shows('remotelyEdited', 'b', TIME_OF_DAY - 1)], 'unsaved', 'a'],
    [UNSAVED, 'a message from elsewhere', [LATER, shows('remotelyEdited', '')], 'unsaved', 'a'],
    [UNSAVED, 'a snapshot of the same', [shows('snapshot', 'a')], 'saved', 'a'],
    [SAVING, 'the answer', [acknowledged], 'saved', 'a'],
    [SAVING, 'typing and the answer', [type('ab'), acknowledged], 'unsaved', 'ab'],
    [SAVING, 'typing, a flush and the answer', [type('ab'), flushed, acknowledged], 'saving', 'ab'],
    [SAVING, 'a message and the answer', [sent, acknowledged], 'saving', ''],
    [
      SAVING,
      'a remote edit, then the echo and the answer',
      [LATER, shows('remotelyEdited', 'b'), shows('echoed', 'a'), acknowledged],
      'saved',
      'a',
    ],
    [
      SAVING,
      'a remote edit and an answer without an echo',
      [LATER, shows('remotelyEdited', 'b'), acknowledged],
      'saved',
      'b',
    ],
    [SAVING, 'a failure', [failed], 'unsaved', 'a'],
    [
      SAVING,
      'a snapshot of it after typing and a failure',
      [type('ab'), failed, LATER, shows('snapshot', 'a')],
      'unsaved',
      'ab',
    ],
    [
      SAVING,
      'an old snapshot of what was undone to',
      [type(''), acknowledged, shows('snapshot', '', 0)],
      'unsaved',
      '',
    ],
    [ECHOED, 'a remote edit', [shows('remotelyEdited', 'b')], 'overtaken', 'b'],
    [ECHOED, 'a remote edit by a device whose clock is behind', [shows('remotelyEdited', 'b', 1)], 'overtaken', 'b'],
    [OVERTAKEN, 'the answer', [acknowledged], 'saved', 'b'],
    [OVERTAKEN, 'a failure', [failed], 'saved', 'b'],
    [OVERTAKEN, 'typing', [type('bc')], 'overwritten', 'bc'],
    [OVERTAKEN, 'typing the request again, and the answer', [type('a'), acknowledged], 'unsaved', 'a'],
    [OVERWRITTEN, 'nothing more', [], 'overwritten', 'a'],
    [OVERWRITTEN, 'the answer', [acknowledged], 'unsaved', 'a'],
    [OVERWRITTEN, 'a flush and the answer', [flushed, acknowledged], 'saving', 'a'],
    [OVERWRITTEN, 'a failure', [failed], 'unsaved', 'a'],
    [SAVING, 'the end of the session', [closed, acknowledged, shows('snapshot', 'b'), flushed, due], 'closed', 'a'],
    [UNSAVED, 'the end of the session, and typing', [closed, type('ab'), LATER, due], 'closed', 'ab'],
  ])('%#: %s', (before, _event, events, kind, text) => {
    const state = after(...before, ...events);
    expect([state.save.kind, state.text]).toEqual([kind, text]);
  });
});

describe('saving a draft', () => {
  it.each<[string, readonly Step[], number | undefined]>([
    ['after a pause', UNSAVED, START + 700],
    ['two seconds after the first key of many', [type('a'), { waitMs: 1_900 }, type('ab')], START + 2_000],
    ['not more often than every two seconds', [...SAVING, acknowledged, type('ab')], START + 2_000],
    ['five seconds after a failure that passes', [...SAVING, failed], START + 5_000],
    ['with the next connection after any other', [...SAVING, refused], undefined],
    ['two seconds after that connection', [...SAVING, refused, connected], START + 2_000],
    ['never again when it is saved', [...SAVING, acknowledged], undefined],
  ])('%s', (_when, steps, deadline) => expect(nextDeadline(after(...steps))).toBe(deadline));

  it('waits as long as the server requires', () => {
    const { state } = reduceDraft(after(...SAVING), { ...failed, retryAfterMs: 8_000 }, START);
    expect(nextDeadline(state)).toBe(START + 8_000);
  });

  it('sends each text once', () => {
    expect(after(...SAVING, flushed, due, acknowledged, flushed, due).requests).toEqual(['a']);
    expect(after(...SAVING, type('ab'), acknowledged, flushed, acknowledged).requests).toEqual(['a', 'ab']);
  });
});

it('shows for four seconds that the user is typing elsewhere, until the message is sent', () => {
  const [typing, silent, sentThere] = [
    after(...SAVED, shows('remotelyEdited', 'b')),
    after(...SAVED, shows('remotelyEdited', 'b'), { waitMs: 4_000 }, due),
    after(...SAVED, shows('remotelyEdited', 'b'), shows('remotelyEdited', '')),
  ];
  expect([typing, silent, sentThere].map((state) => state.typedElsewhereUntil !== undefined)).toEqual([
    true,
    false,
    false,
  ]);
});

it('stores unsaved text in the browser, with the text of the last request', () => {
  expect(storedDraft(after(...SAVING, type('ab')))).toEqual({
    text: 'ab',
    at: TIME_OF_DAY + 1,
    isWritten: false,
    sent: 'a',
  });
  expect(storedDraft(after(...SAVED))).toEqual({ text: 'a', at: TIME_OF_DAY, isWritten: true });
  expect(storedDraft(after(...SAVED, sent, acknowledged))).toBeUndefined();
});

it('wins over its own older text after a reload', () => {
  const reloaded = openDraft(storedDraft(after(...SAVING, type('ab'))), START);
  for (const kind of ['snapshot', 'remotelyEdited'] as const) {
    expect(reduceDraft(reloaded, shows(kind, 'a'), START).state.text).toBe('ab');
  }
});
