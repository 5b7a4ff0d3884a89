import { type LexedBlock, lexBlocks, type Links, noLinks } from './block-lexer.ts';
import { closeBrokenOff, closeHalfTyped } from './half-typed.ts';
import { OpenList } from './open-list.ts';
import { OpenWhole } from './open-whole.ts';
import { type WindowSize, windowOf } from './text-window.ts';
import type { Block, BlockToken } from '../token.types.ts';

/** Types of blocks that may end in half-typed emphasis, code or links. */
const COMPLETABLE: ReadonlySet<string> = new Set(['paragraph', 'heading', 'list', 'blockquote', 'table', 'footnote']);
/** The end of a longer block is not completed: the change is hardly visible there. */
const MAX_COMPLETED_LENGTH = 20_000;

/** A longer block is split: the rest becomes a block of its own, so that no block takes long. */
const LARGEST_BLOCK: WindowSize = { length: 12_000, lines: 300 };
/** How many parts in a row are drawn with their formatting; further ones are plain text, which costs far less. */
const DRAWN_PARTS = 20;
/** These are fast at any length, and would change their meaning in parts. */
const WHOLE: ReadonlySet<string> = new Set(['code', 'html', 'nothing']);

/**
 * Markdown that grows at its end.
 *
 * Blocks that no further text can change are settled: they are lexed once, and their tokens are kept by reference. Each
 * new piece lexes only what follows them, so that it costs the same at the end of a long text as at its start. In every
 * state the `raw` of all blocks, settled and open, is the text so far; after `finish` the blocks are those of the whole
 * text lexed at once.
 */
export class BlockStream {
  /** Only grows, except in `finish`. */
  settled: Block[] = [];
  /** The end of the text, which the next piece may change. */
  open: readonly Block[] = [];

  #source = '';
  #settledTo = 0;
  readonly #links = noLinks();
  readonly #defined = new Set<string>();
  /** The first blocks of `settled`, with all links resolved. */
  #linked: Block[] = [];
  /** The last block, if the text was cut off. */
  #brokenOff: Block | undefined;
  /** Fast paths for a long open block at the end. */
  #whole: OpenWhole | undefined;
  #list: OpenList | undefined;
  /** A `\r` at the end may be the first half of a line break. */
  #heldBack = '';
  readonly #largest: WindowSize;
  readonly #drawnParts: number;
  /** How many of the last blocks are full-length parts. */
  #parts = 0;

  constructor(largest = LARGEST_BLOCK, drawnParts = DRAWN_PARTS) {
    this.#largest = largest;
    this.#drawnParts = drawnParts;
  }

  /** Adds the next piece and updates `settled` and `open`. */
  append(piece: string): void {
    this.add(piece);
    if (!this.#growWhole() && !this.#growList()) this.#lexRest();
  }

  /** Adds the next piece without lexing it yet. */
  add(piece: string): void {
    const text = this.#heldBack + piece;
    this.#heldBack = text.endsWith('\r') ? '\r' : '';
    this.#source += (this.#heldBack ? text.slice(0, -1) : text).replace(/\r\n?/g, '\n');
  }

  /**
   * Settles everything: no more text comes, and reference links that were used before their definition are resolved.
   * Blocks that this does not change keep their tokens.
   * @param isBrokenOff the text was cut off: constructs that are open at its end are closed
   */
  finish(isBrokenOff = false): void {
    this.end(isBrokenOff);
    while (!this.link(Number.POSITIVE_INFINITY));
  }

  /** The first step of `finish`. */
  end(isBrokenOff: boolean): void {
    if (this.#heldBack) this.#source += '\n';
    this.#heldBack = '';
    const rest = this.#source.slice(this.#settledTo);
    if (this.#whole?.isCertain && !this.#whole.mayEndIn(rest))
      this.#settle([{ raw: rest, token: this.#whole.token(rest), defines: [] }], noLinks());
    else this.#settle(...this.#lexToEnd(false));
    this.#whole = this.#list = undefined;
    this.open = [];
    const last = this.settled.at(-1);
    this.#brokenOff = isBrokenOff ? last : undefined;
  }

  /**
   * The next steps of `finish`, each of about `length` characters: resolves reference links that are defined later.
   * @returns whether all steps are done; `settled` may be another array then
   */
  link(length: number): boolean {
    if (this.#defined.size === 0 && !this.#brokenOff) return true;
    for (let left = length, { settled } = this; this.#linked.length < settled.length;) {
      const block = settled[this.#linked.length];
      if (!block || left <= 0) return false;
      const linked = this.#withLinks(block);
      left -= linked === block ? 1 : block.raw.length;
      const isLast = block === this.#brokenOff;
      this.#linked.push(isLast ? { ...linked, token: this.#closed(linked, closeBrokenOff, false) } : linked);
    }
    // A new array, since blocks that were settled may change here.
    this.settled = this.#linked;
    this.#linked = [];
    return true;
  }

  /** Resolves links again now that all definitions are known. */
  #withLinks(block: Block): Block {
    const { raw, token } = block;
    if (this.#defined.size === 0 || token.type === 'plain' || token.type === 'nothing' || !raw.includes('['))
      return block;
    const [lexed] = lexBlocks(raw, this.#links).blocks;
    return lexed ? { ...block, token: lexed.token } : block;
  }

  /** Open code and HTML grow without the lexer. */
  #growWhole(): boolean {
    const rest = this.#source.slice(this.#settledTo);
    if (!this.#whole || this.#whole.mayEndIn(rest)) return false;
    this.open = [{ id: this.#settledTo, raw: rest, token: this.#whole.token(rest), isOpen: true }];
    return true;
  }

  #growList(): boolean {
    const rest = this.#source.slice(this.#settledTo);
    if (!this.#list || windowOf(rest, this.#largest) !== rest) return false;
    const token = this.#list.grow(rest, this.#links);
    if (token) this.open = [{ id: this.#settledTo, raw: rest, token, isOpen: true }];
    return token !== undefined;
  }

  #lexRest(): void {
    this.#whole = this.#list = undefined;
    const [blocks, links] = this.#lexToEnd(true);
    const kept = firstChangeable(blocks);
    this.#settle(blocks.slice(0, kept), links);
    this.open = this.#openBlocks(blocks.slice(kept));
  }

  /** Lexes the rest. A long rest is settled part by part; the last blocks are returned. */
  #lexToEnd(isGrowing: boolean): [blocks: readonly LexedBlock[], links: Links] {
    for (;;) {
      const rest = this.#source.slice(this.#settledTo);
      const window = windowOf(rest, this.#largest);
      const isAll = window.length === rest.length;
      const { blocks, links } = lexBlocks(window, this.#links, isGrowing || !isAll);
      if (isAll) return [blocks, links];
      const kept = firstChangeable(blocks);
      if (kept === 0 && blocks[0] && isWhole(blocks[0])) {
        const whole = lexBlocks(rest, this.#links, isGrowing);
        if (firstChangeable(whole.blocks) === 0) return [whole.blocks, whole.links];
        this.#settle(whole.blocks.slice(0, 1), whole.links);
      } else this.#settle(blocks.slice(0, Math.max(kept, 1)), links);
    }
  }

  /** The token to draw for a block that follows the settled ones. */
  #drawn({ raw, token }: LexedBlock): BlockToken {
    this.#parts = isPart(raw, this.#largest) ? this.#parts + 1 : 0;
    return this.#parts > this.#drawnParts ? { type: 'plain', text: raw } : token;
  }

  #settle(blocks: readonly LexedBlock[], links: Links): void {
    for (const block of blocks) {
      const { raw, defines } = block;
      this.settled.push({ id: this.#settledTo, raw, token: this.#drawn(block), isOpen: false });
      this.#settledTo += raw.length;
      for (const label of defines) {
        this.#defined.add(label);
        if (links[label]) this.#links[label] ??= links[label];
      }
    }
  }

  #openBlocks(blocks: readonly LexedBlock[]): Block[] {
    const alone = blocks.length === 1 ? blocks[0] : undefined;
    this.#whole = alone && OpenWhole.of(alone);
    this.#list = alone && OpenList.of(alone);
    let id = this.#settledTo;
    return blocks.map((block, index) => {
      const token = index === blocks.length - 1 ? this.#closed(block) : block.token;
      const open = { id, raw: block.raw, token, isOpen: true };
      id += block.raw.length;
      return open;
    });
  }

  /** The last block as it will probably look once its end is typed. */
  #closed({ raw, token }: Pick<LexedBlock, 'raw' | 'token'>, close = closeHalfTyped, isGrowing = true): BlockToken {
    if (!COMPLETABLE.has(token.type) || raw.length > MAX_COMPLETED_LENGTH) return token;
    const closed = close(raw);
    if (closed === raw) return token;
    // Only the beginning of a formula so far.
    if (closed.trim() === '') return { type: 'nothing' };
    const [first, ...others] = lexBlocks(closed, this.#links, isGrowing).blocks;
    return first?.token.type === token.type && others.length === 0 ? first.token : token;
  }
}

/** Blank lines have the type `nothing` too, but can be split. */
const isWhole = ({ raw, token }: LexedBlock): boolean => WHOLE.has(token.type) && !/^\s*$/.test(raw);

/**
 * Whether a block is a full-length part of a longer one. Parts end well before their window if an unindented line is
 * there. Decided by the text alone, since the token depends on how much had arrived. Code is never split.
 */
const isPart = (raw: string, { length, lines }: WindowSize): boolean =>
  !/^\s*(?:```|~~~|<)/.test(raw) && (raw.length * 3 >= length || raw.split('\n', lines).length * 3 >= lines);

/** Index of the first block that further text may change; those before it are settled. */
function firstChangeable(blocks: readonly LexedBlock[]): number {
  const last = blocks.at(-1);
  if (!last) return 0;
  // Until the type of the last block is certain, it may still continue the block before it.
  return Math.max(0, blocks.length - (isCertain(last, blocks.at(-2)) ? 1 : 2));
}

/** Whether no further text can make `block` a part of the one before it. */
function isCertain({ raw, token }: LexedBlock, before: LexedBlock | undefined): boolean {
  // A link definition may be followed by its title, over several lines.
  if (before && before.defines.length > 0 && !/\n[ \t]*\n/.test(before.raw)) return /\n[ \t]*\n/.test(raw);
  const lines = raw.split('\n', 3).length - 1;
  // The second line of a table must be complete, and only a line break may follow the end of a formula.
  if (token.type === 'table') return lines >= 2;
  return token.type === 'formula' ? token.isClosed && raw.endsWith('\n') : lines >= 1;
}
