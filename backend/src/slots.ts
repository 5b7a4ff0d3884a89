interface Waiting {
  readonly needed: number;
  readonly start: () => void;
}

/** Runs a limited number of tasks at once; others wait in the order of their arrival. */
export class Slots {
  private free: number;
  private readonly waiting: Waiting[] = [];

  constructor(private readonly total: number) {
    this.free = total;
  }

  /** Runs `work` when a slot is free. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.taking(1, work);
  }

  /** Runs `work` when no other task runs. Later tasks wait for it, so that it is not postponed for ever. */
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
