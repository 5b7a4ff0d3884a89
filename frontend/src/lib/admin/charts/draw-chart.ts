import UPlot, { type AlignedData, type Options } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type ChartData, stacked } from './chart-data.ts';

export interface ChartLook {
  readonly kind: 'bars' | 'lines';
  readonly isDark: boolean;
  /** A value of the vertical axis, with its unit. */
  readonly valueText: (value: number) => string;
  /** A period on the horizontal axis. */
  readonly timeText: (at: number) => string;
  /** Only whole numbers have a line. */
  readonly isWhole: boolean;
  readonly onHover: (period: number | undefined) => void;
}

export interface DrawnChart {
  update(data: ChartData): void;
  close(): void;
}

const HEIGHT = 200;
const LIGHT = ['oklch(0.51 0.185 264)', 'oklch(0.66 0.15 58)', 'oklch(0.6 0.12 168)', 'oklch(0.56 0.19 340)'];
const DARK = ['oklch(0.69 0.145 264)', 'oklch(0.77 0.14 70)', 'oklch(0.75 0.12 168)', 'oklch(0.71 0.16 340)'];
const [REST_LIGHT, REST_DARK] = ['oklch(0.62 0.02 265)', 'oklch(0.6 0.015 268)'];

/** The colour of a line or layer. */
export const colorOf = (n: number, isDark: boolean): string =>
  (isDark ? DARK : LIGHT)[n] ?? (isDark ? REST_DARK : REST_LIGHT);

/** Draws a chart that is as wide as its element, and follows its width. */
export function drawChart(element: HTMLElement, data: ChartData, look: ChartLook): DrawnChart {
  const chart = new UPlot(optionsOf(element, data, look), alignedOf(data, look), element);
  const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
  observer.observe(element);
  return {
    update: (next) => chart.setData(alignedOf(next, look)),
    close() {
      observer.disconnect();
      chart.destroy();
    },
  };
}

/** Bars are drawn from the highest layer to the lowest, each over the one before. */
function alignedOf({ times, series }: ChartData, { kind }: ChartLook): AlignedData {
  const seconds = times.map((at) => at / 1_000);
  const rows = kind === 'bars' ? stacked(series).reverse() : series.map(({ values }) => [...values]);
  return [seconds, ...rows] as AlignedData;
}

function optionsOf(element: HTMLElement, { times, series }: ChartData, look: ChartLook): Options {
  const style = getComputedStyle(element);
  const [text, line] = [style.getPropertyValue('--text-3'), style.getPropertyValue('--line')];
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: text, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
  const periodS = ((times[1] ?? 0) - (times[0] ?? 0)) / 1_000;
  const colors = series.map((_, n) => colorOf(n, look.isDark));
  const bars = UPlot.paths.bars?.({ size: [0.7, 40], radius: 0.15 });
  const shown = look.kind === 'bars' ? colors.toReversed() : colors;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    padding: [12, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: look.kind === 'lines' } },
    scales: {
      x: { time: true, range: (_chart, min, max) => [min - periodS / 2, max + periodS / 2] },
      y: { range: (_chart, _min, max) => [0, Math.max(max * 1.05, look.isWhole ? 4 : Number.MIN_VALUE)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 56,
        values: (_chart, ticks) => ticks.map((at) => look.timeText(at * 1_000)),
      },
      {
        ...axis,
        size: 62,
        space: 40,
        ...(look.isWhole && { incrs: WHOLE_STEPS }),
        values: (_chart, ticks) => ticks.map(look.valueText),
      },
    ],
    series: [
      {},
      ...shown.map((color) =>
        look.kind === 'bars'
          ? { fill: color, width: 0, points: { show: false }, ...(bars && { paths: bars }) }
          : { stroke: color, width: 2, spanGaps: false, points: { show: true, size: 6, fill: color } },
      ),
    ],
    hooks: { setCursor: [(chart) => look.onHover(chart.cursor.idx ?? undefined)] },
  };
}

const WHOLE_STEPS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();
