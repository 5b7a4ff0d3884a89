import { describe, expect, it } from '@jest/globals';
import type { StreamEvent } from '../../../src/protocol/index.js';
import { check } from './check.js';
import type { Entry, Evidence, EventRow, RunRow } from './recording.js';
import { scaled } from '../../../testing/pace.js';

const STREAM = 'conversation:c';
const runData = { runId: 'r', messageId: 'm' };

const row = (seq: number, type: string, data: object): EventRow => ({
  stream: STREAM,
  seq,
  type,
  at: seq,
  data: JSON.stringify(data),
});

const DELTA = row(2, 'run.delta', { ...runData, offset: 0, text: '0 1 ' });
// Only its text matters here.
const DELTA_DATA = JSON.parse(DELTA.data) as StreamEvent['data'];
const FINISHED = row(3, 'run.finished', { ...runData, status: 'completed', length: 4 });
const EVENTS = [row(1, 'run.started', runData), DELTA, FINISHED];
const RUN: RunRow = {
  id: 'r',
  conversationId: 'c',
  messageId: 'm',
  journal: 1,
  journalRun: 1,
  status: 'completed',
  finishedAt: 100,
};
const QUESTION = { id: 'q', conversationId: 'c', role: 'user', text: 'Count', status: 'completed', runId: 'r' };
const REPLY = { id: 'm', conversationId: 'c', role: 'assistant', text: '0 1 ', status: 'completed', runId: 'r' };
const SENT = {
  stream: STREAM,
  question: 'Count',
  acknowledged: [{ messageId: 'q', runId: 'r' }],
  attempts: 1,
  asked: 1,
  planned: '0 1 ',
  expected: 'completed' as const,
};
const ENTRIES: readonly Entry[] = [
  { kind: 'snapshot', at: 1, stream: STREAM, seq: 1 },
  {
    kind: 'received',
    at: 2,
    stream: STREAM,
    event: { seq: 2, type: 'run.delta', at: 2, data: DELTA_DATA },
  },
  { kind: 'applied', at: 2, stream: STREAM, seq: 2 },
  { kind: 'shown', at: 2, stream: STREAM, messageId: 'm', from: 0, text: '0 1 ' },
  { kind: 'applied', at: 3, stream: STREAM, seq: 3 },
];

interface Doctored {
  readonly events?: readonly EventRow[];
  readonly head?: number;
  readonly runs?: readonly RunRow[];
  readonly reply?: Partial<typeof REPLY>;
  readonly sent?: Partial<Evidence['sent'][number]>;
  readonly entries?: readonly Entry[];
  readonly final?: { readonly seq: number; readonly view: unknown };
  readonly outages?: Evidence['outages'];
}

/** The evidence of a round without faults, with the given changes. */
function evidence(doctored: Doctored = {}): Evidence {
  const messages = [QUESTION, { ...REPLY, ...doctored.reply }].map((message) => ({
    clientMessageId: null,
    ...message,
  }));
  return {
    rows: {
      messages,
      runs: doctored.runs ?? [RUN],
      events: doctored.events ?? EVENTS,
      heads: [{ stream: STREAM, seq: doctored.head ?? 3, keptAfter: 0 }],
    },
    sent: [{ ...SENT, ...doctored.sent }],
    recordings: [
      {
        tab: 'tab',
        entries: doctored.entries ?? ENTRIES,
        final: new Map([[STREAM, doctored.final ?? { seq: 3, view: { text: '0 1 ' } }]]),
      },
    ],
    fresh: new Map([[STREAM, { seq: 3, view: { text: '0 1 ' } }]]),
    outages: doctored.outages ?? [],
  };
}

const rulesOf = (doctored: Doctored): readonly string[] => [
  ...new Set(check(evidence(doctored)).map(({ rule }) => rule)),
];
const shown = (from: number, text: string): Entry => ({
  kind: 'shown',
  at: 9,
  stream: STREAM,
  messageId: 'm',
  from,
  text,
});

describe('the checker', () => {
  it('finds nothing in a round without faults', () => {
    expect(check(evidence())).toEqual([]);
  });

  it.each<[string, string, Doctored]>([
    ['L1', 'a hole in the log', { head: 4 }],
    [
      'L1',
      'an event that was applied twice',
      { entries: [...ENTRIES, { kind: 'applied', at: 4, stream: STREAM, seq: 3 }] },
    ],
    [
      'L2',
      'an event that is not in the log',
      {
        entries: [
          ...ENTRIES,
          {
            kind: 'received',
            at: 4,
            stream: STREAM,
            event: { seq: 4, type: 'run.delta', at: 4, data: DELTA_DATA },
          },
        ],
      },
    ],
    ['L2', 'text that was shown and is not stored', { entries: [...ENTRIES, shown(4, '2 ')] }],
    ['L2', 'text that was taken back', { entries: [...ENTRIES, shown(0, '0 '), shown(2, '1 ')] }],
    ['L3', 'a hole in the answer', { reply: { text: '1 ' } }],
    ['L3', 'a completed answer without its end', { reply: { text: '0 ' } }],
    [
      'L3',
      'a gap on an undisturbed connection',
      { entries: [...ENTRIES, { kind: 'gap', at: 4, stream: STREAM, cursor: 3, seq: 5, isUntouched: true }] },
    ],
    ['L4', 'a tab with another state than a fresh page', { final: { seq: 3, view: { text: '0 ' } } }],
    ['L5', 'a run without an end', { runs: [{ ...RUN, status: 'running', finishedAt: null }] }],
    ['L5', 'a run with two ends', { events: [...EVENTS, { ...FINISHED, seq: 4 }], head: 4 }],
    [
      'L5',
      'an end with another length',
      { events: [...EVENTS.slice(0, 2), row(3, 'run.finished', { ...runData, status: 'completed', length: 5 })] },
    ],
    ['L6', 'a second call to the model', { sent: { asked: 2 } }],
    ['L6', 'an acknowledged message that is gone', { sent: { acknowledged: [{ messageId: 'x', runId: 'r' }] } }],
    [
      'L7',
      'two writers',
      {
        events: [
          ...EVENTS.slice(0, 2),
          { ...DELTA, seq: 3 },
          row(4, 'run.finished', { ...runData, status: 'completed', length: 8 }),
        ],
        head: 4,
      },
    ],
    [
      'L8',
      'a run that outlives its process',
      {
        runs: [{ ...RUN, status: 'interrupted', finishedAt: 5_000 + scaled(25_000) }],
        outages: [{ diedAt: 5_000, backAt: 6_000 }],
      },
    ],
    ['L10', 'a tab that stays behind', { final: { seq: 2, view: { text: '0 1 ' } } }],
  ])('[%s] finds %s', (rule, _what, doctored) => {
    expect(rulesOf(doctored)).toContain(rule);
  });
});
