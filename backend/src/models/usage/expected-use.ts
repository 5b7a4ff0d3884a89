/** An amount in both units of budgets; `micros` is in millionths of the configured currency. */
export interface Amount {
  readonly tokens: number;
  readonly micros: number;
}

/**
 * What a run is expected to use: `whole` with the longest reply, `least` what must be left of a budget. They are the same
 * if the settings limit the reply.
 */
export interface ExpectedUse {
  readonly whole: Amount;
  readonly least: Amount;
}

/** The tokens that are expected of a reply whose length the settings do not limit. */
export const EXPECTED_REPLY_TOKENS = 4_096;
