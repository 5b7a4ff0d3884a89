import type { CommittedBatch } from '../log/committed-batch.js';

/** What a bus calls. */
export interface BusEnds {
  /** A message of some process, own ones too: see `linesOf`. It may come late, twice, in any order, or not at all. */
  readonly received: (message: string) => void;
  /** It is connected, first or again: something may have been missed. */
  readonly connected: () => void;
  /** It is not; called once until it is connected again. */
  readonly failed: (error: unknown) => void;
}

/**
 * Carries what one process has committed to the others. All of it is a hint, which may be lost: the log is the truth,
 * and each process looks into it again and again, whatever it hears (`L10`).
 */
export interface Bus extends Disposable {
  /**
   * Begins to connect, and resolves after the first try, whatever came of it: a bus that is away is tried again.
   * @throws CannotStart when what answers can never carry anything
   */
  start(ends: BusEnds): Promise<void>;
  /** Tells the others of a commit. Returns at once, and never throws; what cannot be sent soon is let go. */
  publish(batch: CommittedBatch): void;
  /** From now on the events of the stream are wanted here. */
  follow(stream: string): void;
  /** They are not wanted any more. */
  unfollow(stream: string): void;
}
