import { SvelteSet } from 'svelte/reactivity';
import { BlockStream } from '../lexing/block-stream.ts';
import { ChunkList } from './chunk-list.svelte.ts';
import { normalised } from '../lexing/footnote-label.ts';
import type { Chunk } from './markdown-chunk.svelte.ts';
import { type WindowSize, windowOf } from '../lexing/text-window.ts';
import type { Block } from '../token.types.ts';

/** How much text is lexed at once: more would block the page. */
const PART: WindowSize = { length: 6_000, lines: 150 };
/** After a shorter piece the page draws in the same step; the first step runs while the thread is created. */
const SHORT: WindowSize = { length: 4_000, lines: 75 };
/** Milliseconds for which one step lexes pieces; the chunk lists are updated once a step. */
const LEX_MS = 8;
/** How much is drawn at once, in units of `Budget`. */
export const UNITS_A_STEP = 250;

/**
 * A message as chunks of blocks, kept up to date with its text in steps, each of them short for any text.
 * A lazy document draws only chunks near the view, which `want` reports.
 */
export class MarkdownDocument {
  readonly #body = new ChunkList();
  /** Footnotes; they are shown below everything else. */
  readonly #notes = new ChunkList();
  /** The labels of the footnotes. */
  readonly footnoteLabels = new SvelteSet<string>();

  readonly isLazy: boolean;
  #wanted: Set<Chunk> | undefined;
  #stream = new BlockStream();
  /** The text to show, and how much of it was passed to the stream. */
  #goal = '';
  #taken = 0;
  /** No more text will come. */
  #isLast = false;
  #isEnded = false;
  #isFinished = false;
  /** The array that was read up to `#read`. */
  #source: readonly Block[] | undefined;
  #read = 0;

  constructor(isLazy = false) {
    this.isLazy = isLazy;
  }

  get chunks(): readonly Chunk[] {
    return this.#body.chunks;
  }

  get footnotes(): readonly Chunk[] {
    return this.#notes.chunks;
  }

  /**
   * Shows `text`. If it continues the previous text, only the new piece is lexed; any other text starts over.
   * Long text takes several steps: while `isBehind`, call it again with the same text.
   * @param isBrokenOff no more text will come, but it was cut off
   */
  show(text: string, isStreaming: boolean, isBrokenOff = false): void {
    const isSame = text === this.#goal && this.#isLast === !isStreaming;
    if (isSame && !this.isBehind) return;
    if (!text.startsWith(this.#goal) || (this.#isEnded && !isSame)) {
      this.#stream = new BlockStream();
      this.#taken = 0;
      this.footnoteLabels.clear();
      this.#isEnded = this.#isFinished = false;
    }
    this.#goal = text;
    this.#isLast = !isStreaming;
    const isFirst = this.#taken === 0;
    const isShort = this.#isLexed || this.#lexOn(isBrokenOff);
    // Do not draw while pieces remain to be lexed: the reader starts at the end of the text.
    if (isShort && (isFirst || this.#isLexed)) this.#draw();
  }

  /** Whether a part of the text is not lexed or drawn yet. */
  get isBehind(): boolean {
    return !this.#isLexed || this.#waiting().length > 0;
  }

  /** Sets whether a chunk is near the view. */
  want(chunk: Chunk, isWanted: boolean): void {
    this.#wanted ??= new Set();
    if (isWanted) this.#wanted.add(chunk);
    else this.#wanted.delete(chunk);
  }

  /** Draws all footnotes, because the user follows a reference to one of them. */
  drawFootnotes(): void {
    for (const chunk of this.footnotes) chunk.draw(Number.POSITIVE_INFINITY);
  }

  get #isLexed(): boolean {
    return this.#taken === this.#goal.length && this.#isFinished === this.#isLast;
  }

  /** Lexes the next pieces. Returns whether they were so short that this step can draw as well. */
  #lexOn(isBrokenOff: boolean): boolean {
    // The first piece is drawn at once.
    const until = performance.now() + (this.#taken === 0 ? 0 : LEX_MS);
    let isShort = this.#lex(isBrokenOff);
    while (!this.#isLexed && performance.now() < until) {
      this.#lex(isBrokenOff);
      isShort = false;
    }
    this.#fill();
    return isShort;
  }

  /** Lexes the next piece. Returns whether it was short. */
  #lex(isBrokenOff: boolean): boolean {
    const size = this.#taken === 0 ? SHORT : PART;
    const piece = windowOf(this.#goal.slice(this.#taken, this.#taken + 2 * size.length), size);
    this.#taken += piece.length;
    let isShort = windowOf(piece, SHORT) === piece;
    if (this.#taken < this.#goal.length || !this.#isLast) this.#stream.append(piece);
    else if (!this.#isEnded) {
      // A text that is complete from the start needs no preview of its open end.
      this.#stream.add(piece);
      this.#stream.end(isBrokenOff);
      this.#isEnded = true;
      this.#isFinished = this.#stream.link(this.#goal.length <= SHORT.length ? SHORT.length : 0);
    } else {
      isShort = false;
      this.#isFinished = this.#stream.link(PART.length);
    }
    return isShort;
  }

  #fill(): void {
    const { settled, open } = this.#stream;
    if (this.#source !== settled) {
      this.#read = 0;
      this.#body.restart();
      this.#notes.restart();
    }
    const fresh = settled.slice(this.#read);
    this.#read = settled.length;
    this.#source = settled;
    this.#body.fill(fresh.filter(isBody), open.filter(isBody));
    const notes = [fresh, open].map((blocks) => blocks.filter(isFootnote)) as [Block[], Block[]];
    if (this.#notes.isEmpty && notes.every(({ length }) => length === 0)) return;
    this.#notes.fill(...notes);
    for (const label of notes.flat().map(labelOf)) this.footnoteLabels.add(label);
  }

  /** The chunks to draw next: from the end, where a reader starts. */
  #waiting(): Chunk[] {
    const chunks = [...this.chunks, ...this.footnotes];
    const last = this.chunks.at(-1);
    const isWanted = (chunk: Chunk): boolean =>
      !this.isLazy || !this.#wanted || chunk === last || this.#wanted.has(chunk);
    return chunks.filter((chunk) => chunk.isWaiting && isWanted(chunk)).toReversed();
  }

  #draw(): void {
    let left = UNITS_A_STEP;
    for (const chunk of this.#waiting()) {
      left -= chunk.draw(left);
      if (left <= 0) return;
    }
  }
}

const isFootnote = ({ token }: Block): boolean => token.type === 'footnote';
const isBody = (block: Block): boolean => !isFootnote(block);
const labelOf = ({ token }: Block): string => (token.type === 'footnote' ? normalised(token.label) : '');
