import type { Patch } from '../stage/server-build.js';

/** A safeguard of the product, and how to remove it. */
export interface Guard {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** The databases that have this guard; both by default. */
  readonly databases?: readonly ('sqlite' | 'postgresql')[];
  /** Guards of the page are switched off in the tabs of these tests. */
  readonly checkOffsets?: boolean;
  /** The faults that must fail, the likeliest first. */
  readonly noticedBy: readonly string[];
}
