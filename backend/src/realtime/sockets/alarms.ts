const SLOT_MS = 1_000;

/**
 * Moments by `performance.now()` at which something is due, to the second: one slot for all that fall into the same one,
 * rather than a timer for each. The caller asks what is due.
 */
export class Alarms<T> {
  private readonly slots = new Map<number, Set<T>>();
  private next: number;

  constructor(now = performance.now()) {
    this.next = Math.floor(now / SLOT_MS);
  }

  set(one: T, at: number): void {
    // What should have happened already happens at the next look.
    const slot = Math.max(slotOf(at), this.next);
    const others = this.slots.get(slot);
    if (others) others.add(one);
    else this.slots.set(slot, new Set([one]));
  }

  /** Takes back what was set for the same moment. */
  clear(one: T, at: number): void {
    for (const slot of [slotOf(at), this.next]) {
      const others = this.slots.get(slot);
      if (others?.delete(one) && others.size === 0) this.slots.delete(slot);
    }
  }

  /** What has become due since the last call. */
  due(now = performance.now()): T[] {
    const found: T[] = [];
    for (const end = Math.floor(now / SLOT_MS); this.next <= end; this.next++) {
      found.push(...(this.slots.get(this.next) ?? []));
      this.slots.delete(this.next);
    }
    return found;
  }
}

const slotOf = (at: number): number => Math.ceil(at / SLOT_MS);
