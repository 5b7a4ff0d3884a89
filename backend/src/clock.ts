/*
 * The time of day of this machine. It may be wrong, and jump in either direction at any moment, so that nothing is
 * measured by it: durations go by `performance.now()`, and moments that are stored or shared by `Clock`. The linter
 * refuses `Date` in every other file of the server.
 */

/** Milliseconds since 1970 by this machine's clock. */
export const timeOfDay = (): number => Date.now();

/** A moment, for being written as text. */
export const dateOf = (at: number): Date => new Date(at);

/** The moment that a text such as the date of an HTTP header names, in milliseconds since 1970; `NaN` for another text. */
export const momentOf = (text: string): number => Date.parse(text);
