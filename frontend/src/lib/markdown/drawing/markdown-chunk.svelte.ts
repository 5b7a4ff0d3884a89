import { beginningOf } from '../lexing/block-beginning.ts';
import type { Block } from '../token.types.ts';

const MAX_BLOCKS = 32;
const MAX_LENGTH = 6_000;
/** For estimating the height of blocks that are not drawn yet. */
const LINE_PX = 27;
const LINE_LENGTH = 80;

/** Consecutive blocks of a message; the page creates elements only for drawn chunks. */
export class Chunk {
  /** The blocks that are drawn: all, or the first ones. */
  drawn = $state.raw<readonly Block[]>([]);
  /** Estimated height in pixels until the chunk was drawn to its end once; 0 from then on. */
  guessedHeight = $state(0);
  /** Whether there is more to draw. */
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

  /** Draws at most `units` more (see `Budget`). Returns how many were drawn. */
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

/** How many blocks from `start` make the next chunk, and whether it is full. */
export function chunkOf(blocks: readonly Block[], start: number): { end: number; isFull: boolean } {
  let length = 0;
  let end = start;
  while (end < blocks.length && end - start < MAX_BLOCKS && length < MAX_LENGTH) {
    length += blocks[end]?.raw.length ?? 0;
    end += 1;
  }
  return { end, isFull: end - start === MAX_BLOCKS || length >= MAX_LENGTH };
}
