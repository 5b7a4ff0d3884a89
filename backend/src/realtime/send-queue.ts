/** Packets that were created so shortly after each other share a mark. */
const MARK_EVERY_MS = 100;

interface Mark {
  /** When its first packet was created. */
  readonly at: number;
  /** All bytes created up to its last packet. */
  created: number;
}

/** Counts what waits to be sent on one connection, and for how long. Sizes in UTF-16 units, which is near enough. */
export class SendQueue {
  private created = 0;
  private handed = 0;
  private sent = 0;
  private readonly marks: Mark[] = [];

  /** A packet was created. */
  add(size: number, now = Date.now()): void {
    this.created += size;
    const last = this.marks.at(-1);
    if (last && now - last.at < MARK_EVERY_MS) last.created = this.created;
    else this.marks.push({ at: now, created: this.created });
  }

  /** All packets created so far were handed to the transport. */
  handOver(): void {
    this.handed = this.created;
  }

  /** The transport has got rid of what it was handed last. */
  drained(): void {
    this.sent = this.handed;
    while (this.marks[0] && this.marks[0].created <= this.sent) this.marks.shift();
  }

  get buffered(): number {
    return this.created - this.sent;
  }

  /** The age of the oldest packet that has not been sent. */
  behindMs(now = Date.now()): number {
    const first = this.marks[0];
    return first ? now - first.at : 0;
  }
}
