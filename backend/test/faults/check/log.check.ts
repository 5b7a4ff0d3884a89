import type { EventRow, Evidence, Violation } from './recording.js';

/** `L1` in the log itself: consecutive numbers from the first kept event to the head. */
export function checkLog({ rows }: Evidence): readonly Violation[] {
  const violations: Violation[] = [];
  const byStream = Map.groupBy(rows.events, ({ stream }) => stream);
  for (const { stream, seq: head, keptAfter } of rows.heads) {
    const seqs = (byStream.get(stream) ?? []).map(({ seq }) => seq).filter((seq) => seq > keptAfter);
    const isWhole = seqs.length === head - keptAfter && seqs.every((seq, index) => seq === keptAfter + 1 + index);
    if (!isWhole) {
      violations.push({ rule: 'L1', detail: `${stream} holds ${seqs.join(' ')}, not ${keptAfter + 1} to ${head}` });
    }
  }
  return violations;
}

/** The events of a run in log order, with parsed `data`. */
export function eventsOfRun(events: readonly EventRow[], runId: string): { type: string; at: number; data: RunData }[] {
  return events.flatMap(({ stream, type, at, data }) => {
    if (!stream.startsWith('conversation:') || !type.startsWith('run.')) return [];
    const parsed = JSON.parse(data) as RunData;
    return parsed.runId === runId ? { type, at, data: parsed } : [];
  });
}

/** The data that `run.*` events may have. */
export interface RunData {
  readonly runId: string;
  readonly messageId: string;
  readonly offset?: number;
  readonly text?: string;
  readonly length?: number;
  readonly status?: string;
}
