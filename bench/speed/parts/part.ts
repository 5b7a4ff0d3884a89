import type { Children } from '../systems/children.ts';
import type { Figures, Row } from '../report/rows.ts';
import type { System } from '../systems/system.ts';

export type SystemName = 'relay' | 'lockstep';

/** A measurement that produces several rows. */
export interface Step<S extends System = System> {
  readonly rows: readonly Row[];
  measure(system: S, name: SystemName): Promise<Figures>;
}

export interface Surroundings {
  readonly children: Children;
  readonly modelPort: number;
}

/** Steps that share a server, which is started for them. */
export interface Part {
  readonly rows: readonly Row[];
  readonly systems: readonly SystemName[];
  /** Starts a server, measures the requested rows, and stops it. */
  run(name: SystemName, surroundings: Surroundings, wants: (row: Row) => boolean): Promise<readonly Figures[]>;
}

interface PartOptions<S extends System> {
  readonly systems: readonly SystemName[];
  readonly start: (name: SystemName, surroundings: Surroundings) => Promise<S>;
  /** Runs before the measurements. */
  readonly prepare?: (system: S) => Promise<void>;
  readonly steps: readonly Step<S>[];
}

export function partOf<S extends System>({ systems, start, prepare, steps }: PartOptions<S>): Part {
  return {
    rows: steps.flatMap(({ rows }) => rows),
    systems,
    async run(name, surroundings, wants) {
      const figures: Figures[] = [];
      const wanted = steps.filter(({ rows }) => rows.some(wants));
      if (wanted.length === 0) return figures;
      await using system = await start(name, surroundings);
      await prepare?.(system);
      for (const step of wanted) figures.push(await step.measure(system, name));
      return figures;
    },
  };
}
