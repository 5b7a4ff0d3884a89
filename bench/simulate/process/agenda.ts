interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/** Items in the order of their times; those of the same time in the order in which they were added. */
export class Agenda<T> {
  /** The latest first, so that the next one is removed from the end. */
  readonly #entries: Entry<T>[] = [];

  add(at: number, item: T): void {
    let [from, to] = [0, this.#entries.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#entries[middle]?.at ?? 0) > at) from = middle + 1;
      else to = middle;
    }
    this.#entries.splice(from, 0, { at, item });
  }

  /** Removes and returns the earliest, if its time is before this one. */
  next(before: number): Entry<T> | undefined {
    const earliest = this.#entries.at(-1);
    return earliest && earliest.at < before ? this.#entries.pop() : undefined;
  }
}
