import { median } from '../speed/report/figures.ts';
import type { Check, DatabaseName, Figure, MeasuredCosts } from './costs.ts';
import { simulateRun } from './process/simulation.ts';
import { CHECK_SEEDS, CHECKED_ANSWER, workloadOf } from './workload.ts';

/** A prediction beside what was measured: milliseconds, or the share of a core. */
export interface Comparison {
  readonly database: DatabaseName;
  readonly answers: number;
  readonly figure: Figure;
  readonly predicted: number;
  readonly measured: number;
  /** The relative error of the prediction. */
  readonly error: number;
}

const FIGURES: readonly Figure[] = ['p50', 'p99', 'CPU'];
/** The largest allowed difference between a prediction and a run. */
const TOLERANCE = 0.25;

/** Simulates the runs that were measured. Takes some seconds. */
export const compare = ({ checks, costs }: Pick<MeasuredCosts, 'checks' | 'costs'>): readonly Comparison[] =>
  checks.flatMap(({ database, answers, measured }) => {
    const predicted = predict(costs[database], answers);
    return FIGURES.map((figure) => ({
      database,
      answers,
      figure,
      predicted: predicted[figure],
      measured: measured[figure],
      error: predicted[figure] / measured[figure] - 1,
    }));
  });

/** The medians over the seeds of the runs. */
function predict(costs: MeasuredCosts['costs'][DatabaseName], answers: number): Check['measured'] {
  const workload = workloadOf(answers, CHECKED_ANSWER);
  const simulated = CHECK_SEEDS.map((seed) => simulateRun(costs, workload, seed));
  return {
    p50: median(simulated.map(({ p50 }) => p50)),
    p99: median(simulated.map(({ p99 }) => p99)),
    CPU: median(simulated.map(({ busy }) => busy)),
  };
}

export const isWithinTolerance = ({ error }: Comparison): boolean => Math.abs(error) <= TOLERANCE;
