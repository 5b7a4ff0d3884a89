import type { FinalStatus } from '../protocol/index.js';
import { currentSpan, noteError, underSpan } from './span.js';

interface Outcome {
  readonly status: FinalStatus;
  readonly error?: { readonly code: string } | undefined;
}

/**
 * Runs the work of a run under a span, a part of the command that has started it. The span lives on after the command
 * was answered, until the run has ended.
 * @param writer counts its commits in the span
 */
export async function traceRun<End extends Outcome | undefined>(
  { runId, model }: { readonly runId: string; readonly model: string },
  work: () => Promise<End>,
  writer?: { tally: CommitTally | undefined },
): Promise<End> {
  const span = currentSpan()?.child('run', { 'lockstep.run.id': runId, 'gen_ai.request.model': model });
  if (!span) return work();
  const tally = new CommitTally();
  if (writer) writer.tally = tally;
  try {
    const end = await underSpan(span, work);
    // A stop, a deletion or another process has ended it.
    span.set({ 'lockstep.run.status': end?.status ?? 'ended_elsewhere' });
    if (end?.error) span.failed(end.error.code);
    return end;
  } catch (error) {
    noteError(span, error);
    throw error;
  } finally {
    const { count, longestMs } = tally;
    if (writer) span.set({ 'lockstep.commits.count': count, 'lockstep.commits.longest_ms': Math.round(longestMs) });
    span.end();
  }
}

/** Counts the commits of a run's text, which are too many for spans of their own. */
export class CommitTally {
  count = 0;
  /** The longest time from the start of a commit until its events were sent, in milliseconds. */
  longestMs = 0;
  private begunAt = 0;

  begun(): void {
    this.begunAt = performance.now();
  }

  committed(): void {
    this.count += 1;
    this.longestMs = Math.max(this.longestMs, performance.now() - this.begunAt);
  }
}
