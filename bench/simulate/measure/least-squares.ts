/** A measured sum, and how often each of its parts is in it. */
export interface Equation {
  readonly counts: readonly number[];
  readonly sum: number;
}

/**
 * Finds what each part costs when several sums are measured: the solution with the least squares of relative errors, so
 * that a small sum counts as much as a large one. A part whose cost would be negative costs nothing.
 *
 * @throws RangeError when the sums do not determine the costs
 */
export function fitCosts(equations: readonly Equation[]): readonly number[] {
  const parts = equations[0]?.counts.length ?? 0;
  const free = new Set(Array(parts).keys());
  for (;;) {
    const chosen = [...free];
    const solved = solve(equations, chosen);
    const negative = chosen.filter((_, at) => (solved[at] ?? 0) < 0);
    if (negative.length === 0) {
      return Array.from({ length: parts }, (_, part) => solved[chosen.indexOf(part)] ?? 0);
    }
    for (const part of negative) free.delete(part);
  }
}

/** Solves the normal equations by elimination. */
function solve(equations: readonly Equation[], parts: readonly number[]): readonly number[] {
  const rows = equations.map(({ counts, sum }) => parts.map((part) => (counts[part] ?? 0) / sum));
  const size = parts.length;
  const matrix = parts.map((_, i) => [
    ...parts.map((__, j) => rows.reduce((total, row) => total + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    rows.reduce((total, row) => total + (row[i] ?? 0), 0),
  ]);
  const at = (i: number, j: number): number => matrix[i]?.[j] ?? 0;
  for (let column = 0; column < size; column += 1) {
    const pivot = at(column, column);
    if (!(Math.abs(pivot) > Number.EPSILON * 1e3 * Math.abs(at(column, size) || 1))) {
      throw new RangeError('The measured sums do not determine the costs');
    }
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const factor = at(row, column) / pivot;
      matrix[row] = (matrix[row] ?? []).map((value, j) => value - factor * at(column, j));
    }
  }
  return matrix.map((row, i) => (row[size] ?? 0) / at(i, i));
}
