import type { Dashboard as Counts } from '#protocol';
import type { Api } from '../http/api.ts';
import { timeOfDay } from '../time-of-day.ts';

const REFRESH_MS = 4000;

/** The counts, read again every few seconds while the page is visible. */
export class Dashboard {
  counts = $state.raw<Counts>();
  /** Why the last read failed; `counts` is then still from `readAt`. */
  failure = $state.raw<unknown>();
  /** Milliseconds since 1970. */
  readAt = $state(0);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(private readonly api: Pick<Api, 'get'>) {}

  /** Starts reading; returns a function that stops it. */
  open(): () => void {
    this.#isOpen = true;
    document.addEventListener('visibilitychange', this.#onVisibility);
    void this.read();
    return () => {
      this.#isOpen = false;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', this.#onVisibility);
    };
  }

  async read(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.counts = await this.api.get<Counts>('/api/admin/dashboard');
      this.readAt = timeOfDay();
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
    clearTimeout(this.#timer);
    if (this.#isOpen && document.visibilityState === 'visible') {
      this.#timer = setTimeout(() => void this.read(), REFRESH_MS);
    }
  }

  readonly #onVisibility = (): void => {
    if (document.visibilityState === 'visible') void this.read();
    else clearTimeout(this.#timer);
  };
}
