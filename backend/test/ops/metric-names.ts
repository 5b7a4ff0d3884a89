import { readFileSync } from 'node:fs';

/** The metrics of Lockstep and of Node that an expression names, without the suffixes of histograms. */
export const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:lockstep|nodejs|process)_\w+(?!:)\b/g)].map(([name]) =>
    name.replace(/_(?:bucket|count|sum)$/, ''),
  );

/** The metrics in the first column of the tables of `docs/metrics.md`. */
export function documentedMetrics(): Set<string> {
  const rows = readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| *`([a-z]\w+)(?:\{[^}`]*\})?`/gm);
  return new Set([...rows].map(([, name = '']) => name));
}

/** The metrics in an answer of `GET /metrics`, which names each metric before its first value. */
export const exposedMetrics = (text: string): Set<string> =>
  new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name));
