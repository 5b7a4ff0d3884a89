/**
 * `updated`: the server has another build of the page. `incomplete`: and a part that this build needs is not there any
 * more.
 */
export type PageStanding = 'current' | 'updated' | 'incomplete';

/** Whether this page should be loaded again, because the server was updated while it was open. */
export class PageUpdate {
  #offered = $state<string>();
  #closed = $state<string>();
  #lacksPart = $state(false);

  constructor(
    /** The build of this page. */
    private readonly own: string,
    /** Asks the server whether it has another build. Resolves to `false` if it cannot be reached. */
    private readonly isReplaced: () => Promise<boolean>,
  ) {}

  get standing(): PageStanding {
    if (this.#lacksPart) return 'incomplete';
    const isOther = this.#offered !== undefined && this.#offered !== this.own;
    return isOther && this.#offered !== this.#closed ? 'updated' : 'current';
  }

  /** Called when a server has said which build it has: the last word counts, because servers are upgraded one by one. */
  offer(build: string | undefined): void {
    this.#offered = build;
  }

  /** The user does not want to hear of this build again. */
  close(): void {
    this.#closed = this.#offered;
    this.#lacksPart = false;
  }

  /** Called when a part of the page could not be loaded; without a network, that is no reason to load the page again. */
  async partFailed(): Promise<void> {
    if (await this.isReplaced()) this.#lacksPart = true;
  }
}
