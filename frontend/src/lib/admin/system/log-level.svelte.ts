import type { LogLevel, LogLevelState } from '#protocol';
import type { Api } from '../../http/api.ts';
import { timeOfDay } from '../../time-of-day.ts';

const PATH = '/api/admin/log-level';
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The log level of all processes, which returns to that of the configuration by itself. */
export class LogLevelChoice {
  state = $state.raw<LogLevelState>();
  /** Why the last change or read failed. */
  failure = $state.raw<unknown>();
  isSaving = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly api: Pick<Api, 'get' | 'put'>) {}

  async read(): Promise<void> {
    try {
      this.know(await this.api.get<LogLevelState>(PATH));
    } catch (error) {
      this.failure = error;
    }
  }

  /** `null` returns to the level of the configuration. Returns whether the change was made. */
  async set(level: LogLevel | null): Promise<boolean> {
    this.isSaving = true;
    try {
      this.know(await this.api.put<LogLevelState>(PATH, { level }));
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    } finally {
      this.isSaving = false;
    }
  }

  /** Takes what the server says, also after a change by another admin. */
  know(state: LogLevelState): void {
    clearTimeout(this.#timer);
    this.state = state;
    this.failure = undefined;
    if (state.until === null) return;
    const leftMs = Math.min(Math.max(state.until - timeOfDay(), 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => void this.read(), leftMs + 1_000);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
