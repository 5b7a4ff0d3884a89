import { type AnswersResult, runAnswers } from '../load/answers.ts';
import { quantile } from '../report/figures.ts';
import { type Part, partOf, type Step } from './part.ts';
import type { Row } from '../report/rows.ts';
import { startSystem, warmUp } from '../systems/start-system.ts';
import type { System } from '../systems/system.ts';

const PACE = { rate: 20, seconds: 6 };
const GOOD_P99_MS = 100;
/** The numbers of answers that are tried to find the maximum. */
const LADDER = [5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 700, 1_000];
/** How many numbers a round may try in addition to those with rows of their own. */
const TRIALS = 2;

const most: Row = { key: 'most', title: `most answers at once with p99 < ${GOOD_P99_MS} ms`, unit: '' };

interface CrowdRows {
  readonly cpu: Row;
  readonly p50: Row;
  readonly p99: Row;
}

const rowsOf = (answers: number): CrowdRows => ({
  cpu: {
    key: `answers-${answers}-cpu`,
    title: `CPU a token, ${answers} answers at ${PACE.rate}/s, sends included`,
    unit: 'µs',
  },
  p50: { key: `answers-${answers}-p50`, title: 'latency there, p50', unit: 'ms' },
  p99: { key: `answers-${answers}-p99`, title: 'latency there, p99', unit: 'ms' },
});

/** The results of a server so far: with how many answers it kept up. */
class Trials {
  #good = 0;
  #bad = Infinity;

  note(answers: number, { latencies, errors }: AnswersResult): void {
    if (errors === 0 && quantile(latencies, 0.99) < GOOD_P99_MS) this.#good = Math.max(this.#good, answers);
    else this.#bad = Math.min(this.#bad, answers);
  }

  get most(): number {
    return this.#good;
  }

  /** The next number to try: the middle of the unknown range. */
  get next(): number | undefined {
    const open = LADDER.filter((answers) => answers > this.#good && answers < this.#bad);
    // Without an upper bound, skip one number: a server that is far better than the last number is rare.
    return this.#bad === Infinity ? (open[1] ?? open[0]) : open[Math.floor(open.length / 2)];
  }
}

/** Concurrent answers: each of these numbers, and the maximum that the server keeps up with. */
export function crowdPart(numbers: readonly number[]): Part {
  const tried = new WeakMap<System, Trials>();
  const trialsOf = (system: System): Trials => {
    const trials = tried.get(system) ?? new Trials();
    tried.set(system, trials);
    return trials;
  };
  const crowds = numbers.map((answers): Step => {
    const { cpu, p50, p99 } = rowsOf(answers);
    return {
      rows: [cpu, p50, p99],
      async measure(system) {
        const result = await runAnswers(system, { answers, ...PACE });
        trialsOf(system).note(answers, result);
        const values = {
          [cpu.key]: result.cpuMicros,
          [p50.key]: quantile(result.latencies, 0.5),
          [p99.key]: quantile(result.latencies, 0.99),
        };
        return { values, errors: result.errors, problem: result.problem };
      },
    };
  });
  const search: Step = {
    rows: [most],
    async measure(system) {
      const trials = trialsOf(system);
      for (let trial = 0; trial < TRIALS; trial += 1) {
        const answers = trials.next;
        if (answers === undefined) break;
        trials.note(answers, await runAnswers(system, { answers, ...PACE }));
      }
      // Errors beyond the maximum are expected.
      return { values: { [most.key]: trials.most }, errors: 0 };
    },
  };
  return partOf({
    systems: ['relay', 'lockstep'],
    start: startSystem,
    prepare: warmUp,
    steps: [...crowds, search],
  });
}
