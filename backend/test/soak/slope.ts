/** How fast something grows, by the points that were measured of it. */
export interface Slope {
  /** In units of y for one of x. */
  readonly slope: number;
  /** Where it lies with a probability of 95 %; without bounds where there are too few points to say. */
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution: 95 % lie within so many standard deviations. */
const Z = 1.96;

/**
 * The slope of a line through points by Theil and Sen: the median of the slopes between any two of them, with the
 * interval that follows from Kendall's test. A point that lies far off, as after a shift in which more was said than in
 * others, moves it little, while one at either end would turn a line by least squares.
 */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const slopes = points
    .flatMap(([x, y], at) => points.slice(at + 1).map(([otherX, otherY]) => (otherY - y) / (otherX - x)))
    .sort((a, b) => a - b);
  const { length: n } = points;
  const spread = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const { length: pairs } = slopes;
  return {
    slope: pairs === 0 ? 0 : (at(slopes, (pairs - 1) / 2) + at(slopes, pairs / 2)) / 2,
    low: slopes[Math.round((pairs - spread) / 2) - 1] ?? Number.NEGATIVE_INFINITY,
    high: slopes[Math.round((pairs + spread) / 2)] ?? Number.POSITIVE_INFINITY,
  };
}

const at = (sorted: readonly number[], place: number): number => sorted[Math.floor(place)] ?? 0;
