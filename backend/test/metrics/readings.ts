import type { TestServer } from '../support/test-server.js';
import { until } from '../support/test-client.js';

export const METRICS_TOKEN = 'a-token-for-prometheus';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A metric without its samples. */
export interface Family {
  readonly name: string;
  readonly type: string;
}

/** What `/metrics` returned. */
export class Readings {
  readonly samples: readonly Sample[];
  readonly families: readonly Family[];

  constructor(readonly text: string) {
    this.families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
    this.samples = [...text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
      name,
      labels: labelsOf(labels),
      value: Number(value),
    }));
  }

  /** The sum of the samples of this name that have these labels and any others; 0 without one. */
  sum(name: string, labels: Labels = {}): number {
    const fits = (sample: Sample): boolean =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
    return this.samples.filter(fits).reduce((sum, { value }) => sum + value, 0);
  }
}

/** The labels of a sample, as they stand in braces. */
function labelsOf(text: string): Labels {
  const pairs = [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value] as const);
  return Object.fromEntries(pairs);
}

/** Reads the metrics of a server at this address, as Prometheus does. */
export async function readMetrics(url: string): Promise<Readings> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  return new Readings(await response.text());
}

/** By how much a metric has grown. */
type Growth = (name: string, labels?: Labels) => Promise<number>;

/** Returns a function that tells by how much a metric has grown from now on. */
export async function growth({ url }: Pick<TestServer, 'url'>): Promise<Growth> {
  const before = await readMetrics(url);
  return async (name, labels) => (await readMetrics(url)).sum(name, labels) - before.sum(name, labels);
}

/** Waits until a metric has grown by exactly this: some are counted a moment after the client has its answer. */
export const whenGrown = (grown: Growth, by: number, name: string, labels?: Labels): Promise<true> =>
  until(async () => (await grown(name, labels)) === by, `${name} ${JSON.stringify(labels)} has grown by ${by}`);
