import type { UsageSeries } from '#protocol';

/** A line of a chart, or a layer of its bars; `null` where there is no value. */
export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** The times of the periods in milliseconds since 1970, and what was measured in each. */
export interface ChartData {
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** Models with a colour of their own; the others are drawn together. */
const MOST_MODELS = 4;

type Point = UsageSeries['points'][number];

/** The beginnings of all periods, also of those without use. */
const timesOf = ({ from, periodMs, periods }: UsageSeries): number[] =>
  Array.from({ length: periods }, (_, n) => from + n * periodMs);

/**
 * A value of each model in each period, the models with the largest sum first. Models without any value are left out, and
 * those after the first few are added up under `others`.
 */
export function byModel(usage: UsageSeries, valueOf: (point: Point) => number, others: string): ChartData {
  const times = timesOf(usage);
  const index = new Map(times.map((at, n) => [at, n]));
  const values = new Map<string, number[]>();
  for (const point of usage.points) {
    const n = index.get(point.at);
    if (n === undefined) continue;
    const row = values.get(point.model) ?? times.map(() => 0);
    values.set(point.model, row.with(n, (row[n] ?? 0) + valueOf(point)));
  }
  const series = [...values]
    .map(([label, row]) => ({ label, values: row }))
    .filter((row) => sumOf(row.values) > 0)
    .sort((a, b) => sumOf(b.values) - sumOf(a.values));
  if (series.length <= MOST_MODELS + 1) return { times, series };
  const rest = series.slice(MOST_MODELS);
  const added = times.map((_, n) => sumOf(rest.map((row) => row.values[n] ?? 0)));
  return { times, series: [...series.slice(0, MOST_MODELS), { label: others, values: added }] };
}

/** The median of the milliseconds until the first text, of the models with the most runs. */
export function firstTokens(usage: UsageSeries): ChartData {
  const times = timesOf(usage);
  const models = usage.models
    .filter(({ firstTokenMs }) => firstTokenMs)
    .sort((a, b) => b.runs - a.runs)
    .slice(0, MOST_MODELS + 1);
  const series = models.map(({ model }) => {
    const known = new Map(
      usage.points.filter((point) => point.model === model).map((point) => [point.at, point.firstTokenMs?.median]),
    );
    return { label: model, values: times.map((at) => known.get(at) ?? null) };
  });
  return { times, series };
}

export function peopleOf(usage: UsageSeries, label: string): ChartData {
  const times = timesOf(usage);
  const known = new Map(usage.people.map(({ at, people }) => [at, people]));
  return { times, series: usage.people.length === 0 ? [] : [{ label, values: times.map((at) => known.get(at) ?? 0) }] };
}

/** The heights up to which the layers of stacked bars reach: each includes those below it. */
export function stacked(series: readonly ChartSeries[]): number[][] {
  const heights: number[][] = [];
  for (const { values } of series) {
    const below = heights.at(-1);
    heights.push(values.map((value, n) => (value ?? 0) + (below?.[n] ?? 0)));
  }
  return heights;
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
