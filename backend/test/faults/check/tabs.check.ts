import { isDeepStrictEqual } from 'node:util';
import type { Evidence, Recording, Violation } from './recording.js';

/** Checks the tabs: `L1` to `L4` for what they have seen, `L10` for their final states. */
export function checkTabs(evidence: Evidence): readonly Violation[] {
  return evidence.recordings.flatMap((recording) => [
    ...checkCommitted(evidence, recording),
    ...checkOrder(recording),
    ...checkShown(evidence, recording),
    ...checkFinal(evidence, recording),
  ]);
}

/** `L2`: every received event is in the log, with the same number and content. */
function checkCommitted({ rows }: Evidence, { tab, entries }: Recording): readonly Violation[] {
  const stored = new Map(rows.events.map((row) => [`${row.stream} ${row.seq}`, `${row.type} ${row.data}`]));
  const kept = new Map(rows.heads.map(({ stream, keptAfter }) => [stream, keptAfter]));
  return entries.flatMap((entry): Violation[] => {
    if (entry.kind !== 'received' || entry.event.seq <= (kept.get(entry.stream) ?? 0)) return [];
    const { seq, type, data } = entry.event;
    const inLog = stored.get(`${entry.stream} ${seq}`);
    if (inLog === `${type} ${JSON.stringify(data)}`) return [];
    return [
      { rule: 'L2', detail: `${tab} received ${type} ${seq} of ${entry.stream}, the log has ${inLog ?? 'none'}` },
    ];
  });
}

/** `L1` and `L3`: events are applied in order and once, without gaps on undisturbed connections. */
function checkOrder({ tab, entries }: Recording): readonly Violation[] {
  const violations: Violation[] = [];
  const cursors = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === 'snapshot') {
      cursors.set(entry.stream, entry.seq);
    } else if (entry.kind === 'applied') {
      const before = cursors.get(entry.stream) ?? 0;
      if (entry.seq !== before + 1) {
        violations.push({ rule: 'L1', detail: `${tab} applied ${entry.seq} of ${entry.stream} after ${before}` });
      }
      cursors.set(entry.stream, entry.seq);
    } else if (entry.kind === 'mismatch' && entry.isUntouched) {
      violations.push({ rule: 'L3', detail: `${tab}, ${entry.stream}, event ${entry.detail}` });
    } else if (entry.kind === 'gap' && entry.isUntouched) {
      const detail = `${tab} stood at ${entry.cursor} of ${entry.stream} when it met ${entry.seq}, undisturbed`;
      violations.push({ rule: 'L3', detail });
    }
  }
  return violations;
}

/** `L2`: shown text is never taken back, and is a prefix of the stored text. */
function checkShown({ rows }: Evidence, { tab, entries }: Recording): readonly Violation[] {
  const violations: Violation[] = [];
  const shown = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind !== 'shown') continue;
    const before = shown.get(entry.messageId) ?? '';
    const after = before.slice(0, entry.from) + entry.text;
    if (!after.startsWith(before)) {
      violations.push({
        rule: 'L2',
        detail: `${tab} took back some of the ${before.length} units of ${entry.messageId}`,
      });
    }
    shown.set(entry.messageId, after);
  }
  for (const { id, text } of rows.messages) {
    const seen = shown.get(id);
    if (seen !== undefined && !text.startsWith(seen)) {
      violations.push({
        rule: 'L2',
        detail: `${tab} showed ${seen.length} units of ${id}, of which ${text.length} are stored`,
      });
    }
  }
  return violations;
}

/** `L4` and `L10`: the state that a tab has folded equals a new snapshot. */
function checkFinal({ fresh }: Evidence, { tab, final }: Recording): readonly Violation[] {
  return [...final].flatMap(([stream, { seq, view }]): Violation[] => {
    const snapshot = fresh.get(stream);
    if (!snapshot) return [];
    // A title may come after the snapshot was taken; whether the events are in the log is checked for `L2`.
    if (seq > snapshot.seq) return [];
    if (seq < snapshot.seq) {
      return [{ rule: 'L10', detail: `${tab} stands at ${seq} of ${stream}, the log at ${snapshot.seq}` }];
    }
    if (isDeepStrictEqual(plain(view), plain(snapshot.view))) return [];
    return [{ rule: 'L4', detail: `${tab} shows another state of ${stream} at ${seq} than a fresh page` }];
  });
}

/** As in JSON: a missing key equals `undefined`. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
