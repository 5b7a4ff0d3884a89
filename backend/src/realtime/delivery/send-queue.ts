/** Bytes that came so shortly after each other share a mark. */
const MARK_EVERY_MS = 100;

interface Mark {
  /** When its first byte was noticed. */
  readonly at: number;
  /** All bytes up to its last one. */
  total: number;
}

/** Knows how much waits to be sent on one connection, and for how long, from what it is told now and then. */
export class SendQueue {
  private total = 0;
  private sent = 0;
  private readonly marks: Mark[] = [];

  /**
   * @param total bytes that were ever given to the connection
   * @param sent those of them that have left the process
   */
  note(total: number, sent: number, now = performance.now()): void {
    if (total > this.total) {
      this.total = total;
      const last = this.marks.at(-1);
      if (last && now - last.at < MARK_EVERY_MS) last.total = total;
      else this.marks.push({ at: now, total });
    }
    this.sent = sent;
    while (this.marks[0] && this.marks[0].total <= sent) this.marks.shift();
  }

  get buffered(): number {
    return Math.max(0, this.total - this.sent);
  }

  /** The age of the oldest byte that has not been sent. */
  behindMs(now = performance.now()): number {
    const first = this.marks[0];
    return first ? now - first.at : 0;
  }
}
