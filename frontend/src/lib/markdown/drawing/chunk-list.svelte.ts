import { Chunk, chunkOf } from './markdown-chunk.svelte.ts';
import type { Block } from '../token.types.ts';

/** Blocks in chunks; only the last chunks change while a message grows. */
export class ChunkList {
  chunks = $state.raw<readonly Chunk[]>([]);
  /** Settled blocks, and how many of them are in full chunks. */
  #settled: Block[] = [];
  #placed = 0;
  #full = 0;

  get isEmpty(): boolean {
    return this.#settled.length === 0 && this.chunks.length === 0;
  }

  /** Starts over with other blocks. */
  restart(): void {
    this.#settled = [];
    this.#placed = this.#full = 0;
  }

  /** Adds settled blocks, followed by the open ones. */
  fill(settled: readonly Block[], open: readonly Block[]): void {
    for (const block of settled) this.#settled.push(block);
    const rest = [...this.#settled.slice(this.#placed), ...open];
    const stay = rest.length - open.length;
    const chunks = this.chunks.slice(0, this.#full);
    const full = this.#placed;
    for (let start = 0; start < rest.length;) {
      const { end, isFull } = chunkOf(rest, start);
      const chunk = this.chunks[chunks.length] ?? new Chunk(chunks.length);
      chunk.hold(rest.slice(start, end));
      chunks.push(chunk);
      if (isFull && end <= stay) {
        this.#placed = full + end;
        this.#full = chunks.length;
      }
      start = end;
    }
    if (chunks.length !== this.chunks.length || chunks.some((chunk, at) => chunk !== this.chunks[at]))
      this.chunks = chunks;
  }
}
