import type { CommittedBatch } from '../log/committed-batch.js';

/** The callbacks of a bus. */
export interface BusEnds {
  /**
   * A message of any process, also of this one (see `linesOf`); late, repeated, reordered or lost messages are
   * possible.
   */
  readonly received: (message: string) => void;
  /** The bus is connected, for the first time or again: messages may have been missed. */
  readonly connected: () => void;
  /** The bus is not connected; called only once until it is connected again. */
  readonly failed: (error: unknown) => void;
}

/**
 * Carries committed events from one process to the others. A bus is only a fast path, and messages may be lost: each
 * process also polls the log (`L10`).
 */
export interface Bus extends Disposable {
  /**
   * Starts to connect, and resolves after the first attempt, whether or not it succeeded; failed attempts are repeated.
   * @throws CannotStart when the server that answers can never work as a bus
   */
  start(ends: BusEnds): Promise<void>;
  /** Sends a batch to the other processes. Returns at once and never throws; what cannot be sent soon is dropped. */
  publish(batch: CommittedBatch): void;
  /** Starts to receive the events of a stream. */
  follow(stream: string): void;
  /** Stops receiving the events of a stream. */
  unfollow(stream: string): void;
}
