/**
 * Finds the next occurrence of a mark for increasing offsets, and reads each character only once: otherwise a text of
 * nothing but opening marks would be searched to its end for each of them.
 */
export class NextPlace {
  readonly #find: (from: number) => number;
  #from = 0;
  #at = -1;

  /** `find` returns the first occurrence at `from` or after it, or -1. */
  constructor(find: (from: number) => number) {
    this.#find = find;
    this.#at = find(0);
  }

  /** The first occurrence at `from` or after it, or `Infinity`. */
  after(from: number): number {
    if (from < this.#from || (this.#at >= 0 && this.#at < from)) this.#at = this.#find(from);
    this.#from = from;
    return this.#at < 0 ? Number.POSITIVE_INFINITY : this.#at;
  }
}

/** One finder for each mark and each text in progress. */
export class NextPlaces<Key extends object> {
  readonly #finders = new WeakMap<Key, Map<string, NextPlace>>();

  /** The next `mark` in `source` at `from` or after it, or `Infinity`. */
  after(key: Key, source: string, mark: string, from: number): number {
    const finders = this.#finders.get(key) ?? new Map<string, NextPlace>();
    const finder = finders.get(mark) ?? new NextPlace((start) => source.indexOf(mark, start));
    this.#finders.set(key, finders.set(mark, finder));
    return finder.after(from);
  }
}
