/** The growth rate of measured points. */
export interface Slope {
  /** Units of y per unit of x. */
  readonly slope: number;
  /** The 95 % confidence interval; without bounds when there are too few points. */
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution: 95 % lie within this many standard deviations. */
const Z = 1.96;

/**
 * The slope of a line through points by Theil and Sen: the median of the slopes between all pairs, with the confidence
 * interval from Kendall's test. An outlier, as after a shift with more text than others, hardly affects it, while it
 * could turn a least-squares line.
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
