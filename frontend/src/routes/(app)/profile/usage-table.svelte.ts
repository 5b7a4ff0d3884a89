import { addUsage, NO_USAGE, type Usage, type UsageDay, type UsageReport } from '#protocol';
import type { Api } from '#lib/http/api.ts';

const DAYS = 30;

/** The user's usage in the last days, by their local calendar. */
export class UsageTable {
  /** The newest day first; `undefined` until loaded. */
  days = $state.raw<readonly UsageDay[]>();
  currency = $state<string>();
  /** Why it could not be loaded. */
  failure = $state.raw<unknown>();

  readonly total: Usage = $derived((this.days ?? []).reduce<Usage>(addUsage, NO_USAGE));
  readonly replies = $derived((this.days ?? []).reduce((sum, { replies }) => sum + replies, 0));
  /** The tokens of the busiest day: the length of a full bar. */
  readonly most = $derived(Math.max(1, ...(this.days ?? []).map(tokensOf)));

  constructor(private readonly api: Pick<Api, 'get'>) {}

  async read(): Promise<void> {
    const utcOffsetMinutes = -new Date().getTimezoneOffset();
    const query = new URLSearchParams({ days: String(DAYS), utcOffsetMinutes: String(utcOffsetMinutes) });
    try {
      const { items, currency } = await this.api.get<UsageReport>(`/api/usage?${query.toString()}`);
      this.days = items;
      this.currency = currency;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }
}

export const tokensOf = ({ inputTokens, outputTokens }: Usage): number => inputTokens + outputTokens;
