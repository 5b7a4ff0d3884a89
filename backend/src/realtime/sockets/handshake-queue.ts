import { Slots } from '../../slots.js';

/** So many handshakes at once keep the database busy; more would only take longer each. */
const AT_ONCE = 32;

/**
 * Lets handshakes in one after the other, in the order in which they came. When thousands of tabs come back at once to a
 * slow machine, handshakes that all went on at the same time would all be too late: each tab gives up after some seconds
 * and comes again. In a row the first ones are in time, and a tab that has gone costs nothing.
 */
export class HandshakeQueue {
  private readonly slots: Slots;

  constructor(atOnce = AT_ONCE) {
    this.slots = new Slots(atOnce);
  }

  /** @returns what `admit` returns, or `undefined` for a tab that has gone before its turn */
  run<T>(isGone: () => boolean, admit: () => Promise<T>): Promise<T | undefined> {
    return this.slots.run(async () => (isGone() ? undefined : admit()));
  }
}
