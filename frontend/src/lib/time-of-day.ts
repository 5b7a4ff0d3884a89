/**
 * Milliseconds since 1970 by the clock of this device, for display and for data that outlives a page. It may be wrong,
 * and jump in either direction. Measure durations with `performance.now()`; the linter refuses `Date.now` elsewhere.
 */
export const timeOfDay = (): number => Date.now();
