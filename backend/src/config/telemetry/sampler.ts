export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Which traces are recorded; `ratio` is the part of them, from 0 to 1. */
export interface SamplerConfig {
  readonly name: (typeof SAMPLERS)[number];
  readonly ratio: number;
}

/** The argument is the ratio; the other samplers have none, and ignore it. */
export function readSampler(name: SamplerConfig['name'], arg: string | undefined, problems: string[]): SamplerConfig {
  if (arg === undefined || !name.endsWith('traceidratio')) return { name, ratio: 1 };
  const ratio = Number(arg);
  if (!(ratio >= 0 && ratio <= 1)) problems.push('OTEL_TRACES_SAMPLER_ARG: takes a number from 0 to 1');
  return { name, ratio };
}
