import { performance } from 'node:perf_hooks';

/** What was asked on some connections and is not answered yet. */
export class Silence {
  private readonly since = new Set<{ readonly at: number }>();

  /** For how long the oldest question has been waiting, in milliseconds; 0 when there is none. */
  get ms(): number {
    // A set keeps the order in which things were put in.
    const [oldest] = this.since;
    return oldest ? performance.now() - oldest.at : 0;
  }

  /** @returns to be called when the answer is there, or will never be */
  begin(): () => void {
    const question = { at: performance.now() };
    this.since.add(question);
    return () => void this.since.delete(question);
  }
}
