import type { AdminUsageReport } from '#protocol';
import type { Api } from '../../http/api.ts';
import { Refresh } from '../activity/refresh.ts';
import { queryOf, type UsageFilter } from './usage-filter.ts';

/** The use of everybody, as a filter asks for it. */
export class EverybodysUsage {
  report = $state.raw<AdminUsageReport>();
  /** The filter of `report`. */
  shown = $state.raw<UsageFilter>();
  failure = $state.raw<unknown>();

  #filter: UsageFilter | undefined;
  readonly #refresh = new Refresh(() => this.#read());

  constructor(private readonly api: Pick<Api, 'get'>) {}

  show(filter: UsageFilter): void {
    this.#filter = filter;
    void this.#read();
  }

  /** Usage has changed. */
  reload(): void {
    this.#refresh.soon();
  }

  close(): void {
    this.#refresh.close();
  }

  async #read(): Promise<void> {
    const filter = this.#filter;
    if (!filter) return;
    try {
      const report = await this.api.get<AdminUsageReport>(`/api/admin/usage?${queryOf(filter)}`);
      // Another filter may have been chosen meanwhile.
      if (filter !== this.#filter) return;
      this.report = report;
      this.shown = filter;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }
}
