/**
 * Milliseconds since 1970 by the clock of this device. For what is shown, and what outlives a page: it may be wrong, and
 * jump in either direction. What lasts is measured by `performance.now()`; the linter refuses `Date.now` elsewhere.
 */
export const timeOfDay = (): number => Date.now();
