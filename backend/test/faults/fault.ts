import type { Rule } from './check/recording.js';
import type { Scene } from './stage/scene.js';
import type { Patch } from './stage/server-build.js';

/** A fault that can happen in many ways: each round chooses another one. */
export interface Fault {
  readonly name: string;
  /** The rules that it may break. */
  readonly rules: readonly Rule[];
  /** The databases that it applies to; both by default. */
  readonly databases?: readonly ('sqlite' | 'postgresql')[];
  /** A program that it needs: without it there are no rounds. */
  readonly needs?: string;
  /** Why it cannot be caused here; its test is skipped with this reason. */
  readonly whyNot?: () => string | undefined;
  /** The number of rounds in the normal test run, and in a long one. */
  readonly rounds: readonly [few: number, many: number];
  /** Changes to the server's constants that shorten waits, and its environment: such a fault gets its own stage. */
  readonly patches?: readonly Patch[];
  readonly env?: Readonly<Record<string, string>>;
  /** The server connects to PostgreSQL through `Stage.databaseRoad`; the fault gets its own stage. */
  readonly hasDatabaseRoad?: true;
  /** Causes the fault. The rules are checked afterwards, the same for all faults. */
  run(scene: Scene): Promise<void>;
}
