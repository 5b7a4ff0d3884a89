import { Slots } from '../../slots.js';

/** The number of handshakes at once: enough to keep the database busy; with more each would only take longer. */
const AT_ONCE = 32;

/**
 * Limits concurrent handshakes and runs them in the order of their arrival. When thousands of tabs reconnect at once to
 * a slow machine, handshakes that all ran at the same time would all be too late, because a tab gives up after a few
 * seconds and tries again. In a queue the first ones are in time, and tabs that have disconnected cost nothing.
 */
export class HandshakeQueue {
  private readonly slots: Slots;

  constructor(atOnce = AT_ONCE) {
    this.slots = new Slots(atOnce);
  }

  /** @returns the result of `admit`, or `undefined` for a tab that has disconnected before its turn */
  run<T>(isGone: () => boolean, admit: () => Promise<T>): Promise<T | undefined> {
    return this.slots.run(async () => (isGone() ? undefined : admit()));
  }
}
