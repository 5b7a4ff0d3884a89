import { beginningOf } from '../lexing/block-beginning.ts';
import type { Block } from '../token.types.ts';

const MAX_BLOCKS = 32;
const MAX_LENGTH = 6_000;
/** For a guess at the height of what is not drawn yet. */
const LINE_PX = 27;
const LINE_LENGTH = 80;

/** Consecutive blocks of a message; the page walks only chunks of which something was drawn. */
export class Chunk {
  /** What the page shows of it: all of its blocks, or their beginning. */
  drawn = $state.raw<readonly Block[]>([]);
  /** How tall it will be, in pixels, as long as it has never been drawn to its end; 0 from then on. */
  guessedHeight = $state(0);
  /** Whether more is to be drawn. */
  isWaiting = false;
  readonly id: number;
  #blocks: readonly Block[] = [];
  #drawnUnits = 0;
  #wasWhole = false;

  constructor(id: number) {
    this.id = id;
  }

  hold(blocks: readonly Block[]): void {
    if (blocks.length === this.#blocks.length && blocks.every((block, at) => block === this.#blocks[at])) return;
    this.#blocks = blocks;
    this.isWaiting = true;
    if (!this.#wasWhole) this.guessedHeight = guessed(blocks);
  }

  /** Draws on, of what was not drawn before no more than `units` (see `Budget`). Returns how many that were. */
  draw(units: number): number {
    const before = this.#drawnUnits;
    const budget = { left: before + units };
    this.drawn = beginningOf(this.#blocks, budget);
    this.#drawnUnits = before + units - budget.left;
    this.isWaiting = this.drawn !== this.#blocks;
    if (!this.isWaiting) {
      this.#wasWhole = true;
      this.guessedHeight = 0;
    }
    return Math.max(0, this.#drawnUnits - before);
  }
}

function guessed(blocks: readonly Block[]): number {
  const lines = blocks.map(({ raw }) => raw.split('\n').length + Math.floor(raw.length / LINE_LENGTH));
  return LINE_PX * lines.reduce((sum, count) => sum + count, 0);
}

/** How many of these blocks, from `start` on, make the next chunk, and whether none could be added to it. */
export function chunkOf(blocks: readonly Block[], start: number): { end: number; isFull: boolean } {
  let length = 0;
  let end = start;
  while (end < blocks.length && end - start < MAX_BLOCKS && length < MAX_LENGTH) {
    length += blocks[end]?.raw.length ?? 0;
    end += 1;
  }
  return { end, isFull: end - start === MAX_BLOCKS || length >= MAX_LENGTH };
}
