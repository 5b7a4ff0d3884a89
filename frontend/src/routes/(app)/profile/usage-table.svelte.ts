import { addUsage, NO_USAGE, type Usage, type UsageDay, type UsageReport } from '#protocol';
import type { Api } from '#lib/http/api.ts';

const DAYS = 30;

/** What the person has used in the last days of their own calendar. */
export class UsageTable {
  /** The newest first; `undefined` until they were read. */
  days = $state.raw<readonly UsageDay[]>();
  currency = $state<string>();
  /** Why it could not be read. */
  failure = $state.raw<unknown>();

  readonly total: Usage = $derived((this.days ?? []).reduce<Usage>(addUsage, NO_USAGE));
  readonly replies = $derived((this.days ?? []).reduce((sum, { replies }) => sum + replies, 0));
  /** The tokens of the day with the most: a whole bar. */
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
