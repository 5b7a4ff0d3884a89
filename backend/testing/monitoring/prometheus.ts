import { z } from 'zod';
import { Service, type ServiceKind } from './service.ts';

const KIND: ServiceKind = {
  programs: ['prometheus'],
  args: (folder, address) => [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
  ],
};

const sample = z.tuple([z.number(), z.string().transform(Number)]);
const labels = z.record(z.string(), z.string());
const instant = z.object({ result: z.array(z.object({ metric: labels, value: sample })) });
const matrix = z.object({ result: z.array(z.object({ metric: labels, values: z.array(sample) })) });
const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ name: z.string(), type: z.string(), health: z.string(), lastError: z.string().optional() }),
      ),
    }),
  ),
});
const answer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data: z.unknown() }),
  z.object({ status: z.literal('error'), error: z.string() }),
]);

/** A value per moment; moments in seconds since 1970. */
export type Samples = readonly (readonly [number, number])[];
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: Samples;
}

/** A real Prometheus with an empty database. */
export class Prometheus implements AsyncDisposable {
  readonly #service: Service;

  private constructor(service: Service) {
    this.#service = service;
  }

  /** @param files other files next to `prometheus.yml`, such as rules; relative paths in the configuration find them */
  static async start(config: object, files: Readonly<Record<string, string>> = {}): Promise<Prometheus> {
    // JSON is YAML.
    return new Prometheus(await Service.start(KIND, { 'prometheus.yml': JSON.stringify(config), ...files }));
  }

  /**
   * Evaluates an expression that has a vector as its result, now.
   * @throws Error with the sentence of Prometheus, for example if the expression cannot be parsed
   */
  async query(query: string): Promise<Series[]> {
    const { result } = instant.parse(await this.#get('query', { query }));
    return result.map(({ metric, value }) => ({ labels: metric, samples: [value] }));
  }

  /** Evaluates an expression at each step of a range; times in seconds. */
  async queryRange(query: string, start: number, end: number, step: number): Promise<Series[]> {
    const range = { query, start: String(start), end: String(end), step: String(step) };
    const { result } = matrix.parse(await this.#get('query_range', range));
    return result.map(({ metric, values }) => ({ labels: metric, samples: values }));
  }

  /** All rules, and whether their last evaluation succeeded. */
  async rules(): Promise<z.infer<typeof rules>['groups'][number]['rules']> {
    return rules.parse(await this.#get('rules', {})).groups.flatMap((group) => group.rules);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#service[Symbol.asyncDispose]();
  }

  async #get(path: string, params: Record<string, string>): Promise<unknown> {
    const url = `${this.#service.url}/api/v1/${path}?${new URLSearchParams(params).toString()}`;
    const found = answer.parse(await (await fetch(url)).json());
    if (found.status === 'error') throw new Error(found.error);
    return found.data;
  }
}
