interface Waiting {
  readonly needed: number;
  readonly start: () => void;
}

/** Lets a limited number of things happen at once; the others wait in the order in which they came. */
export class Slots {
  private free: number;
  private readonly waiting: Waiting[] = [];

  constructor(private readonly total: number) {
    this.free = total;
  }

  /** Runs `work` when there is room for it. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.taking(1, work);
  }

  /** Runs `work` while nothing else runs here. What comes later waits, so that its turn comes. */
  runAlone<T>(work: () => Promise<T>): Promise<T> {
    return this.taking(this.total, work);
  }

  private async taking<T>(needed: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.waiting.push({ needed, start: resolve });
      this.next();
    });
    try {
      return await work();
    } finally {
      this.free += needed;
      this.next();
    }
  }

  private next(): void {
    for (let first = this.waiting[0]; first && first.needed <= this.free; [first] = this.waiting) {
      this.waiting.shift();
      this.free -= first.needed;
      first.start();
    }
  }
}
