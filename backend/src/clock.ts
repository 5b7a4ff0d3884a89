/*
 * The time of day of this machine. It may be wrong and may jump in either direction, so it is not used for
 * measurements: durations use `performance.now()`, and times that are stored or shared use `Clock`. The linter refuses
 * `Date` in all other files of the server.
 */

/** Milliseconds since 1970 by this machine's clock. */
export const timeOfDay = (): number => Date.now();

/** Converts a time in milliseconds since 1970 for formatting. */
export const dateOf = (at: number): Date => new Date(at);

/** Parses a date such as that of an HTTP header, in milliseconds since 1970; `NaN` for other texts. */
export const momentOf = (text: string): number => Date.parse(text);
