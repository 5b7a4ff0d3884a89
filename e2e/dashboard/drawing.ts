import type { Page } from '@playwright/test';
import type uPlot from 'uplot';
import type { FilledPanel } from './panel-data.ts';

const STYLE = `
  body { margin: 0; padding: 16px; background: #111217; color: #ccccdc; font: 12px 'Inter Variable', system-ui, sans-serif; }
  #grid { display: grid; grid-template-columns: repeat(24, 1fr); grid-auto-rows: 26px; gap: 6px; }
  h2 { margin: 0; font-size: 15px; align-self: center; }
  section { background: #181b1f; border: 1px solid #2c2f36; border-radius: 3px; padding: 6px 8px; overflow: hidden; position: relative; }
  h3 { margin: 0 0 4px; font-size: 12px; font-weight: 600; }
  .value { font-size: 26px; font-weight: 600; text-align: center; margin-top: 18px; white-space: nowrap; }
  .name { text-align: center; }
  .none { text-align: center; color: #7b8087; margin-top: 40px; }
  .legend { position: absolute; left: 8px; right: 8px; bottom: 5px; display: flex; flex-wrap: wrap; gap: 2px 12px; max-height: 30px; overflow: hidden; }
  .legend i { display: inline-block; width: 12px; height: 3px; margin-right: 5px; vertical-align: middle; }
`;

/** Draws all panels at their places, in a page like Grafana's. */
export async function drawPanels(page: Page, panels: readonly FilledPanel[]): Promise<void> {
  await page.setContent(`<!doctype html><title>Lockstep</title><style>${STYLE}</style><main id="grid"></main>`);
  await page.addStyleTag({ path: 'node_modules/uplot/dist/uPlot.min.css' });
  await page.addScriptTag({ path: 'node_modules/uplot/dist/uPlot.iife.min.js' });
  await page.evaluate(draw, panels);
}

/** Runs in the browser, so it may not use anything from outside. */
function draw(panels: readonly FilledPanel[]): void {
  const { uPlot: Plot } = window as unknown as { uPlot: typeof uPlot };
  const colors = [
    '#73bf69',
    '#f2cc0c',
    '#5794f2',
    '#ff9830',
    '#f2495c',
    '#b877d9',
    '#8ab8ff',
    '#ffa6b0',
    '#96d98d',
    '#c4162a',
  ];
  const colorOf = (index: number): string => colors[index % colors.length] ?? '';
  const grid = document.querySelector('#grid');

  const rounded = (value: number): string => String(Number(value.toPrecision(3)));
  const format = (value: number, unit: string): string => {
    const rates: Record<string, string> = { cps: ' /s', reqps: ' req/s', ops: ' ops/s' };
    if (unit === 'percentunit') return `${rounded(value * 100)} %`;
    if (unit === 's') return value !== 0 && Math.abs(value) < 1 ? `${rounded(value * 1000)} ms` : `${rounded(value)} s`;
    if (unit === 'bytes') return value < 2 ** 20 ? `${rounded(value / 1024)} KiB` : `${rounded(value / 2 ** 20)} MiB`;
    return rounded(value) + (rates[unit] ?? '');
  };
  const make = (parent: Element, tag: string, className: string, text = ''): HTMLElement => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    parent.append(element);
    return element;
  };

  const known: Record<string, string> = { green: '#73bf69', red: '#f2495c' };
  const drawStat = (box: Element, panel: FilledPanel): void => {
    for (const { name, values } of panel.series) {
      const last = values.findLast((value) => value !== null) ?? 0;
      const step = panel.colors.findLast(({ value }) => value === null || value <= last);
      make(box, 'div', 'value', panel.texts[String(last)] ?? format(last, panel.unit)).style.color =
        known[step?.color ?? ''] ?? '';
      if (panel.hasName) make(box, 'div', 'name', name);
    }
  };

  const drawGraph = (box: Element, { series, times, isStacked, unit, colors: steps }: FilledPanel): void => {
    const limit = steps.find(({ color, value }) => color === 'red' && value !== null)?.value ?? undefined;
    const sums = times.map(() => 0);
    const lines = series.map(({ values }) =>
      values.map((value, at) => (isStacked ? (sums[at] = (sums[at] ?? 0) + (value ?? 0)) : value)),
    );
    // The highest sum first, so that the lower ones are drawn above it.
    const order = isStacked ? [...lines.keys()].reverse() : [...lines.keys()];
    const axis = { stroke: '#9fa3ab', grid: { stroke: '#24272d', width: 1 }, ticks: { show: false } };
    const highest = Math.max(...lines.flat().map((value) => value ?? 0));
    const powersOfTwo = Array.from({ length: 30 }, (_, power) => 2 ** (power + 10));
    const options: uPlot.Options = {
      width: box.clientWidth - 16,
      height: box.clientHeight - 62,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: [0, highest > 0 ? highest * 1.1 : 1] } },
      axes: [
        { ...axis, values: [[30, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1]] },
        {
          ...axis,
          size: 70,
          ...(unit === 'bytes' && { incrs: powersOfTwo }),
          values: (_plot, marks) => marks.map((mark) => format(mark, unit)),
        },
      ],
      series: [
        {},
        ...order.map((index) => ({
          stroke: colorOf(index),
          width: 1,
          fill: colorOf(index) + (isStacked ? '55' : '10'),
          points: { show: false },
        })),
      ],
      hooks: {
        draw: [
          (plot): void => {
            if (limit === undefined || limit > highest * 1.1) return;
            const y = plot.valToPos(limit, 'y', true);
            plot.ctx.strokeStyle = '#f2495c';
            plot.ctx.setLineDash([6, 4]);
            plot.ctx.beginPath();
            plot.ctx.moveTo(plot.bbox.left, y);
            plot.ctx.lineTo(plot.bbox.left + plot.bbox.width, y);
            plot.ctx.stroke();
            plot.ctx.setLineDash([]);
          },
        ],
      },
    };
    const data = [times, ...order.map((index) => lines[index] ?? [])] as uPlot.AlignedData;
    const plot = new Plot(options, data);
    box.append(plot.root);
    const names = make(box, 'div', 'legend');
    for (const [index, { name }] of series.entries()) {
      const entry = make(names, 'span', '');
      make(entry, 'i', '').style.background = colorOf(index);
      entry.append(name);
    }
  };

  for (const panel of panels) {
    if (!grid) return;
    const { x, y, w, h } = panel.at;
    const box = make(
      grid,
      panel.kind === 'row' ? 'h2' : 'section',
      panel.kind,
      panel.kind === 'row' ? panel.title : '',
    );
    box.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
    if (panel.kind === 'row') continue;
    make(box, 'h3', '', panel.title);
    if (panel.series.length === 0) make(box, 'div', 'none', 'No data');
    else if (panel.kind === 'stat') drawStat(box, panel);
    else drawGraph(box, panel);
  }
}
