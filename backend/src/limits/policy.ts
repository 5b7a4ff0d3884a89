/** What is limited, and how. A window begins with the first act and ends `seconds` later, however many follow. */
export interface Policy {
  /** In the keys of the counts and in the header `RateLimit`: small letters and hyphens. */
  readonly name: string;
  /** The number of acts within a window. */
  readonly quota: number;
  readonly seconds: number;
  /** Whose acts are counted together. */
  readonly per: 'user' | 'address';
  /** What a person reads who has reached the limit. */
  readonly sentence: string;
}

const MINUTE_S = 60;

/** A limit of a minute for each signed-in user. */
export const perUser = (name: string, quota: number, sentence = 'Too many requests within a minute.'): Policy => ({
  name,
  quota,
  seconds: MINUTE_S,
  per: 'user',
  sentence,
});

/** A limit of a minute for each network address, for those who are not signed in. */
export const perAddress = (
  name: string,
  quota: number,
  sentence = 'Too many attempts from this address. Please wait a minute.',
): Policy => ({ name, quota, seconds: MINUTE_S, per: 'address', sentence });

/** Changes that are sent to other tabs or written to the audit. */
export const CHANGES = perUser('changes', 600);
