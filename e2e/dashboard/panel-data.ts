import { type Chart, type Dashboard, filledIn } from '../../backend/testing/monitoring/dashboard.ts';
import type { Prometheus, Samples, Series } from '../../backend/testing/monitoring/prometheus.ts';

/** The window of rates: some scrapes of this short run. */
const WINDOW = '20s';

export interface Range {
  /** In seconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A panel with its data, ready to be drawn. */
export interface FilledPanel {
  readonly kind: 'row' | 'stat' | 'timeseries';
  readonly title: string;
  readonly at: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly unit: string;
  readonly isStacked: boolean;
  /** The color from each value on, in their order; `null` is the color of all values before the first one. */
  readonly colors: readonly { readonly color: string; readonly value: number | null }[];
  readonly hasName: boolean;
  /** Texts for certain values. */
  readonly texts: Readonly<Record<string, string>>;
  /** Moments in seconds since 1970; all series have a value or `null` for each. */
  readonly times: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** Asks Prometheus for the data of all panels. */
export async function filledPanels(dashboard: Dashboard, prometheus: Prometheus, range: Range): Promise<FilledPanel[]> {
  const panels: FilledPanel[] = [];
  for (const panel of dashboard.panels) {
    if (panel.type === 'row') panels.push(emptyPanel('row', panel.title, panel.gridPos));
    else panels.push(await filledChart(panel, prometheus, range));
  }
  return panels;
}

const emptyPanel = (kind: FilledPanel['kind'], title: string, at: FilledPanel['at']): FilledPanel => ({
  kind,
  title,
  at,
  unit: 'short',
  isStacked: false,
  colors: [],
  hasName: false,
  texts: {},
  times: [],
  series: [],
});

async function filledChart(chart: Chart, prometheus: Prometheus, range: Range): Promise<FilledPanel> {
  const times = momentsOf(range);
  const { defaults } = chart.fieldConfig;
  const series: FilledPanel['series'][number][] = [];
  for (const { expr, legendFormat } of chart.targets) {
    const found = await prometheus.queryRange(filledIn(expr, WINDOW), range.start, range.end, range.step);
    series.push(...found.map((one) => ({ name: legend(legendFormat, one), values: aligned(one.samples, times) })));
  }
  return {
    ...emptyPanel(chart.type, chart.title, chart.gridPos),
    unit: defaults.unit,
    isStacked: defaults.custom?.stacking.mode === 'normal',
    colors: defaults.thresholds?.steps ?? [],
    hasName: chart.options['textMode'] === 'value_and_name',
    texts: textsOf(defaults.mappings ?? []),
    times,
    series,
  };
}

const momentsOf = ({ start, end, step }: Range): number[] =>
  Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);

/** Fills in the labels of `{{label}}`. */
export const legend = (format: string, { labels }: Pick<Series, 'labels'>): string =>
  format.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');

/** The values at all moments; `null` where Prometheus has none, or none that is a number. */
export function aligned(samples: Samples, times: readonly number[]): (number | null)[] {
  // Prometheus rounds to milliseconds.
  const known = new Map(samples.map(([at, value]) => [at.toFixed(3), value]));
  return times.map((at) => {
    const value = known.get(at.toFixed(3));
    return value !== undefined && Number.isFinite(value) ? value : null;
  });
}

function textsOf(mappings: readonly Record<string, unknown>[]): Record<string, string> {
  const options = mappings.flatMap((mapping) => Object.entries(mapping['options'] as Record<string, { text: string }>));
  return Object.fromEntries(options.map(([value, { text }]) => [value, text]));
}
