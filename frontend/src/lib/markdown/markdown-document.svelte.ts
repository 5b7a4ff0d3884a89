import { BlockStream } from './block-stream.ts';
import { normalised } from './footnote-label.ts';
import { type WindowSize, windowOf } from './text-window.ts';
import type { Block } from './token.types.ts';

const CHUNK_SIZE = 32;
/** So much text is lexed and drawn at a time: more would hold up the page. */
const PART: WindowSize = { length: 16_000, lines: 150 };

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
  /** Footnotes, which stand below everything else wherever they were written. */
  footnotes = $state.raw<readonly Block[]>([]);
  /** The labels of those. */
  readonly footnoteLabels = $derived(new Set(this.footnotes.map(labelOf)));

  #stream = new BlockStream();
  /** The text that is to be shown, and how much of it the stream has got. */
  #goal = '';
  #taken = 0;
  /** Nothing more will come. */
  #isLast = false;
  #isFinished = false;
  /** The array that was read up to `#read`, in these two parts. */
  #source: readonly Block[] | undefined;
  #read = 0;
  #body: Block[] = [];
  #notes: Block[] = [];
  /** How much of the body the chunks have got. */
  #placed = 0;

  /**
   * Shows `text`. Where it continues the text before only the new piece is lexed; any other text starts over.
   * Of a very long piece only the next part is taken: while `isBehind`, the same text must be shown again.
   * @param isBrokenOff nothing more will come, although the text has no end
   */
  show(text: string, isStreaming: boolean, isBrokenOff = false): void {
    const isSame = text === this.#goal && this.#isLast === !isStreaming;
    if (isSame && !this.isBehind) return;
    if (!text.startsWith(this.#goal) || (this.#isFinished && !isSame)) {
      this.#stream = new BlockStream();
      this.#taken = 0;
      this.#isFinished = false;
    }
    this.#goal = text;
    this.#isLast = !isStreaming;
    this.#proceed(isBrokenOff);
    this.#fillChunks();
  }

  /** Whether only the beginning of the text is shown so far. */
  get isBehind(): boolean {
    return this.#taken < this.#goal.length;
  }

  #proceed(isBrokenOff: boolean): void {
    const piece = windowOf(this.#goal.slice(this.#taken, this.#taken + 2 * PART.length), PART);
    this.#taken += piece.length;
    this.#isFinished = this.#isLast && !this.isBehind;
    // A text that is whole from the start has no open end to be prepared for.
    if (!this.#isFinished) this.#stream.append(piece);
    else {
      this.#stream.add(piece);
      this.#stream.finish(isBrokenOff);
    }
  }

  #fillChunks(): void {
    const { settled, open } = this.#stream;
    if (this.#source !== settled) {
      this.#placed = this.#read = 0;
      this.#body = [];
      this.#notes = [];
    }
    for (const block of settled.slice(this.#read)) (isFootnote(block) ? this.#notes : this.#body).push(block);
    this.#read = settled.length;
    this.#source = settled;
    const notes = [...this.#notes, ...open.filter(isFootnote)];
    if (notes.length > 0 || this.footnotes.length > 0) this.footnotes = notes;

    const rest = open.filter((block) => !isFootnote(block));
    const body = this.#body;
    const count = Math.ceil((body.length + rest.length) / CHUNK_SIZE);
    const chunks = Array.from({ length: count }, (_, index) => this.chunks[index] ?? new Chunk(index));
    for (const [index, chunk] of chunks.entries()) {
      const start = index * CHUNK_SIZE;
      const end = start + CHUNK_SIZE;
      if (end <= this.#placed) continue;
      const opened = rest.slice(Math.max(0, start - body.length), Math.max(0, end - body.length));
      chunk.blocks = [...body.slice(start, end), ...opened];
    }
    if (chunks.length !== this.chunks.length) this.chunks = chunks;
    this.#placed = body.length;
  }
}

const isFootnote = ({ token }: Block): boolean => token.type === 'footnote';
const labelOf = ({ token }: Block): string => (token.type === 'footnote' ? normalised(token.label) : '');
