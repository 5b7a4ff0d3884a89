/** How long a step of upkeep should hold what it locks: tokens and commands wait for it. */
const AIM_MS = 5;
/** How much longer than a step the pause behind it is: a backlog takes some percent of a core. */
const PAUSE_FACTOR = 15;
/** Work that lasts for longer than this was more than is done in passing: from then on the pauses get shorter. */
const PATIENCE_MS = 60_000;

/**
 * How many rows one step of a long piece of work takes. It follows from how long the steps before took, so that none
 * holds the write lock for more than some milliseconds, on whatever machine and however large the rows are.
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
   * Notes that a step took so long, and chooses the next one.
   * @returns how many milliseconds to wait before it. The longer the work lasts, the shorter it is: what is dropped must
   * keep up with what is written, whatever that costs.
   */
  took(ms: number): number {
    // At most twice as much at a time: one quick step says little about the next one.
    const fitting = this.size * Math.min(2, AIM_MS / Math.max(ms, 0.1));
    this.size = Math.round(Math.max(this.least, Math.min(this.most, fitting)));
    const lasted = performance.now() - this.beganAt;
    return (ms * PAUSE_FACTOR) / (1 + lasted / PATIENCE_MS);
  }
}
