/** Work that is repeated. A round begins only when the last one has ended. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> | undefined;
  private isOver = false;

  /** @param work one round; handles its own errors, and looks at `stopping` between its steps */
  constructor(private readonly work: () => Promise<void>) {}

  /** Whether the round should end as soon as it can. */
  get stopping(): boolean {
    return this.isOver;
  }

  /** Begins the first round, and then one at this interval. The timer does not keep the process alive. */
  start(everyMs: number): void {
    this.timer = setInterval(() => this.begin(), everyMs).unref();
    this.begin();
  }

  /** Begins no more rounds, and waits for the current one. */
  async stop(): Promise<void> {
    this.isOver = true;
    clearInterval(this.timer);
    await this.current;
  }

  private begin(): void {
    this.current ??= this.work().finally(() => (this.current = undefined));
  }
}
