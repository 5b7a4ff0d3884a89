import type { Patch } from '../stage/server-build.js';

/** Something in the product that keeps a promise, and how to take it away. */
export interface Guard {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** Where there is such a guard; both when it is missing. */
  readonly databases?: readonly ('sqlite' | 'postgresql')[];
  /** Guards of the page are switched off in the tabs of this suite. */
  readonly checkOffsets?: boolean;
  /** The faults that have to notice, the likeliest first. */
  readonly noticedBy: readonly string[];
}
