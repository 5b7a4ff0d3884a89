/** How long a maintenance step should hold its locks: tokens and commands wait for it. */
const AIM_MS = 5;
/** The ratio of a pause to the step before it: a backlog takes a few percent of a core. */
const PAUSE_FACTOR = 15;
/** How fast pauses shrink: work that has lasted this long has half the pauses. */
const PATIENCE_MS = 60_000;

/**
 * Chooses how many rows each step of a long maintenance job handles. It adapts to the duration of earlier steps, so
 * that no step holds the write lock for more than a few milliseconds, on any machine and with rows of any size.
 */
export class StepSize {
  private size: number;
  private readonly beganAt = performance.now();

  constructor(
    first: number,
    private readonly least: number,
    private readonly most: number,
  ) {
    this.size = first;
  }

  get rows(): number {
    return this.size;
  }

  /**
   * Records the duration of a step in milliseconds, and chooses the size of the next one.
   * @returns how many milliseconds to wait before the next step. The pauses get shorter while the job lasts, because
   * deleting must keep up with writing.
   */
  took(ms: number): number {
    // At most doubled at a time: one quick step says little about the next one.
    const fitting = this.size * Math.min(2, AIM_MS / Math.max(ms, 0.1));
    this.size = Math.round(Math.max(this.least, Math.min(this.most, fitting)));
    const lasted = performance.now() - this.beganAt;
    return (ms * PAUSE_FACTOR) / (1 + lasted / PATIENCE_MS);
  }
}
