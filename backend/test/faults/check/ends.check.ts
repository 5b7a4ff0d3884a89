import { eventsOfRun } from './log.check.js';
import type { Evidence, RunRow, Violation } from './recording.js';
import { scaled } from '../../../testing/pace.js';

/** `L8`: how long a run may go on after the death of its process. */
const MAX_ORPHANED_MS = scaled(20_000);

/** `L5`, `L7` and `L8`: each run ends once, is written by one worker, and does not outlive its process for long. */
export function checkEnds(evidence: Evidence): readonly Violation[] {
  return evidence.rows.runs.flatMap((run) => [...checkEnd(evidence, run), ...checkOrphan(evidence, run)]);
}

function checkEnd({ rows }: Evidence, run: RunRow): readonly Violation[] {
  const { id, status } = run;
  if (status === 'running') return [{ rule: 'L5', detail: `run ${id} has not ended` }];
  const events = eventsOfRun(rows.events, id);
  const head = rows.heads.find(({ stream }) => stream === `conversation:${run.conversationId}`);
  // A log that was compacted is incomplete.
  if (!head || head.keptAfter > 0) return [];
  const violations: Violation[] = [];
  const ends = events.filter(({ type }) => type === 'run.finished');
  if (ends.length !== 1) violations.push({ rule: 'L5', detail: `run ${id} was finished ${ends.length} times` });
  if (events.at(-1)?.type !== 'run.finished') {
    violations.push({ rule: 'L5', detail: `run ${id} goes on after its end with ${events.at(-1)?.type ?? 'nothing'}` });
  }
  let length = 0;
  for (const { data } of events.filter(({ type }) => type === 'run.delta')) {
    if (data.offset !== length) {
      violations.push({ rule: 'L7', detail: `run ${id}: a delta at ${data.offset}, where ${length} were written` });
    }
    length += data.text?.length ?? 0;
  }
  const end = ends[0]?.data;
  if (end && (end.length !== length || end.status !== status)) {
    const detail = `run ${id} (${status}) of ${length} units says it finished ${end.status} at ${end.length}`;
    violations.push({ rule: 'L5', detail });
  }
  return violations;
}

/** Without a server a run cannot end; once a server is ready, it must. */
function checkOrphan({ outages }: Evidence, { id, status, finishedAt }: RunRow): readonly Violation[] {
  if (status !== 'interrupted' || finishedAt === null) return [];
  const last = outages.findLast(({ diedAt }) => diedAt <= finishedAt);
  if (!last || finishedAt <= Math.max(last.diedAt + MAX_ORPHANED_MS, last.backAt)) return [];
  return [{ rule: 'L8', detail: `run ${id} was ended ${finishedAt - last.diedAt} ms after its process died` }];
}
