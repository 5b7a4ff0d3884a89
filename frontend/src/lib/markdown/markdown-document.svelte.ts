import { BlockStream } from './block-stream.ts';
import type { Block } from './token.types.ts';

const CHUNK_SIZE = 32;

/** Consecutive blocks of a message; the page walks only chunks whose array has changed. */
export class Chunk {
  blocks = $state.raw<readonly Block[]>([]);
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }
}

/**
 * A message as chunks of blocks, kept up to date with its text. A long message has many blocks and a new piece of
 * text touches the last two at most: in chunks of fixed size the others are not even looked at.
 */
export class MarkdownDocument {
  chunks = $state.raw<readonly Chunk[]>([]);

  #stream = new BlockStream();
  #text = '';
  #isFinished = false;
  /** The array that the chunks up to `#placed` were filled from. */
  #source: readonly Block[] | undefined;
  #placed = 0;

  /** Shows `text`. Where it continues the text before only the new piece is lexed; any other text starts over. */
  show(text: string, isStreaming: boolean): void {
    const continues = text.startsWith(this.#text);
    if (continues && text.length === this.#text.length && this.#isFinished === !isStreaming) return;
    if (!continues || this.#isFinished) {
      this.#stream = new BlockStream();
      this.#text = '';
      this.#isFinished = false;
    }
    const piece = text.slice(this.#text.length);
    // A text that is whole from the start has no open end to be prepared for.
    if (isStreaming || this.#text !== '') this.#stream.append(piece);
    else this.#stream.add(piece);
    this.#text = text;
    if (!isStreaming) {
      this.#stream.finish();
      this.#isFinished = true;
    }
    this.#fillChunks();
  }

  #fillChunks(): void {
    const { settled, open } = this.#stream;
    if (this.#source !== settled) this.#placed = 0;
    const count = Math.ceil((settled.length + open.length) / CHUNK_SIZE);
    const chunks = Array.from({ length: count }, (_, index) => this.chunks[index] ?? new Chunk(index));
    for (const [index, chunk] of chunks.entries()) {
      const start = index * CHUNK_SIZE;
      const end = start + CHUNK_SIZE;
      if (end <= this.#placed) continue;
      const blocks = settled.slice(start, end);
      const opened = open.slice(Math.max(0, start - settled.length), Math.max(0, end - settled.length));
      chunk.blocks = [...blocks, ...opened];
    }
    if (chunks.length !== this.chunks.length) this.chunks = chunks;
    this.#source = settled;
    this.#placed = settled.length;
  }
}
