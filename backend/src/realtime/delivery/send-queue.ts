/** Bytes that are written within this time share a mark. */
const MARK_EVERY_MS = 100;

interface Mark {
  /** When the first byte of the mark was noticed. */
  readonly at: number;
  /** The number of bytes up to the last byte of the mark. */
  total: number;
}

/** Calculates the amount and age of unsent data on one connection from occasional measurements. */
export class SendQueue {
  private total = 0;
  private sent = 0;
  private readonly marks: Mark[] = [];

  /**
   * @param total the number of bytes ever written to the connection
   * @param sent the number of those that have left the process
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
