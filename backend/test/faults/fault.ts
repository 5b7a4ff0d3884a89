import type { Rule } from './check/recording.js';
import type { Scene } from './stage/scene.js';
import type { Patch } from './stage/server-build.js';

/** Something that goes wrong, and may go wrong in a thousand ways: each round in another one. */
export interface Fault {
  readonly name: string;
  /** The promises that are at stake. */
  readonly rules: readonly Rule[];
  /** Where it makes sense; everywhere by default. */
  readonly databases?: readonly ('sqlite' | 'postgresql')[];
  /** A program that it starts: without it there are no rounds. */
  readonly needs?: string;
  /** How many rounds among the other tests, and how many when there is time. */
  readonly rounds: readonly [few: number, many: number];
  /** Changes to the server's constants that spare waiting, and what is in its environment: it gets a stage of its own. */
  readonly patches?: readonly Patch[];
  readonly env?: Readonly<Record<string, string>>;
  /** The server reaches PostgreSQL by `Stage.databaseRoad`; it gets a stage of its own. */
  readonly hasDatabaseRoad?: true;
  /** Does the harm. What must hold afterwards is the same for all faults, and checked by the runner. */
  run(scene: Scene): Promise<void>;
}
