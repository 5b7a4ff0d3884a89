import { performance } from 'node:perf_hooks';

/** The unanswered statements on some connections. */
export class Silence {
  private readonly since = new Set<{ readonly at: number }>();

  /** How long the oldest statement has been unanswered, in milliseconds; 0 without any. */
  get ms(): number {
    // Sets keep the order of insertion.
    const [oldest] = this.since;
    return oldest ? performance.now() - oldest.at : 0;
  }

  /** Notes a statement. @returns a function to call when it is answered or has failed */
  begin(): () => void {
    const question = { at: performance.now() };
    this.since.add(question);
    return () => void this.since.delete(question);
  }
}
