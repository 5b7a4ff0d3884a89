import type { UsageSeries as Series, UsageSpan } from '#protocol';
import type { Api } from '../../http/api.ts';
import { Refresh } from '../activity/refresh.ts';

/** The use of everybody over a span that can be chosen. */
export class UsageSeries {
  span = $state<UsageSpan>('week');
  series = $state.raw<Series>();
  failure = $state.raw<unknown>();

  readonly #refresh = new Refresh(() => this.read());

  constructor(private readonly api: Pick<Api, 'get'>) {}

  choose(span: UsageSpan): void {
    this.span = span;
    void this.read();
  }

  /** Usage has changed. */
  reload(): void {
    this.#refresh.soon();
  }

  close(): void {
    this.#refresh.close();
  }

  async read(): Promise<void> {
    const { span } = this;
    const query = new URLSearchParams({ span, utcOffsetMinutes: String(-new Date().getTimezoneOffset()) });
    try {
      const series = await this.api.get<Series>(`/api/admin/usage/series?${query.toString()}`);
      // Another span may have been chosen meanwhile.
      if (span !== this.span) return;
      this.series = series;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }
}
