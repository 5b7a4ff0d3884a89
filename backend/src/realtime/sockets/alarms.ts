const SLOT_MS = 1_000;

/**
 * Alarms at times by `performance.now()`, rounded up to seconds: one slot for each second instead of a timer for each
 * alarm. The caller asks which are due.
 */
export class Alarms<T> {
  private readonly slots = new Map<number, Set<T>>();
  private next: number;

  constructor(now = performance.now()) {
    this.next = Math.floor(now / SLOT_MS);
  }

  set(one: T, at: number): void {
    // A time that has passed is due at the next check.
    const slot = Math.max(slotOf(at), this.next);
    const others = this.slots.get(slot);
    if (others) others.add(one);
    else this.slots.set(slot, new Set([one]));
  }

  /** Removes an alarm; `at` must be the time that it was set to. */
  clear(one: T, at: number): void {
    for (const slot of [slotOf(at), this.next]) {
      const others = this.slots.get(slot);
      if (others?.delete(one) && others.size === 0) this.slots.delete(slot);
    }
  }

  /** The alarms that became due since the last call. */
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
