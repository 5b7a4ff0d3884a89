import type { Links } from 'marked';
import { lexBlocks } from './block-lexer.ts';
import { findOpenFormula } from './formula.extension.ts';
import { closeHalfTyped } from './half-typed.ts';
import { OpenFence } from './open-fence.ts';
import { OpenList } from './open-list.ts';
import type { Block, KnownToken } from './token.types.ts';

/** Kinds of blocks in which emphasis, code or a link may be half typed. */
const COMPLETABLE: ReadonlySet<string> = new Set(['paragraph', 'heading', 'list', 'blockquote', 'table']);
/** What the first lines of an open formula look like to the lexer; a line of `=` makes them a heading. */
const MAY_HOLD_FORMULA: ReadonlySet<string> = new Set(['paragraph', 'heading']);

/**
 * Markdown that grows at its end.
 *
 * Blocks that no further text can change are settled: they are lexed once and their tokens kept by reference. Only what
 * follows them is lexed again with each piece, so that a piece costs the same at the end of a long text as at its start.
 * After `finish` the blocks are those of the whole text lexed at once.
 */
export class BlockStream {
  /** Grows only, except in `finish`. */
  settled: Block[] = [];
  /** The end of the text: what the next piece may change. */
  open: readonly Block[] = [];

  #source = '';
  #settledTo = 0;
  #links: Links = {};
  #hasLinks = false;
  /** The quick ways through a long block at the end. */
  #fence: OpenFence | undefined;
  #list: OpenList | undefined;
  /** A `\r` at the end may be the first half of a line break. */
  #heldBack = '';

  /** Takes the next piece and brings `settled` and `open` up to date. */
  append(piece: string): void {
    this.add(piece);
    if (!this.#growFence() && !this.#growList()) this.#lexRest();
  }

  /** Takes the next piece without looking at it yet. */
  add(piece: string): void {
    const text = this.#heldBack + piece;
    this.#heldBack = text.endsWith('\r') ? '\r' : '';
    this.#source += (this.#heldBack ? text.slice(0, -1) : text).replace(/\r\n?/g, '\n');
  }

  /**
   * Settles everything. The text is lexed once as a whole: a reference link may stand before its definition, and no rule
   * about what further text can change covers every mixture of marks. Blocks that this confirms keep their tokens.
   */
  finish(): void {
    if (this.#heldBack) this.#source += '\n';
    this.#heldBack = '';
    this.#fence = this.#list = undefined;
    const { tokens, links } = lexBlocks(this.#source);
    const hasLinks = this.#hasLinks || Object.keys(links).length > 0;
    const known = new Map(hasLinks ? [] : this.settled.map((block) => [block.id, block]));
    this.settled = [];
    this.#settledTo = 0;
    this.#settle(tokens);
    this.settled = this.settled.map((block) => {
      const before = known.get(block.id);
      return before?.token.type === block.token.type && before.token.raw === block.token.raw ? before : block;
    });
    this.open = [];
  }

  /** Inside an open fence the lexer has nothing to say. */
  #growFence(): boolean {
    const rest = this.#source.slice(this.#settledTo);
    if (!this.#fence || this.#fence.mayCloseIn(rest)) return false;
    this.open = [{ id: this.#settledTo, token: this.#fence.token(rest), isOpen: true }];
    return true;
  }

  #growList(): boolean {
    const token = this.#list?.grow(this.#source.slice(this.#settledTo), this.#links);
    if (token) this.open = [{ id: this.#settledTo, token, isOpen: true }];
    return token !== undefined;
  }

  #lexRest(): void {
    this.#fence = this.#list = undefined;
    const rest = this.#source.slice(this.#settledTo);
    const { tokens, links } = lexBlocks(rest, this.#links);
    this.#hasLinks ||= Object.keys(links).length > 0;

    const formulaAt = findOpenFormula(rest);
    if (formulaAt >= 0 && MAY_HOLD_FORMULA.has(tokenAt(tokens, formulaAt)?.type ?? '')) {
      this.#keepOpenFormula(rest, formulaAt);
      return;
    }
    const kept = firstChangeable(tokens);
    this.#settle(tokens.slice(0, kept));
    this.open = this.#openBlocks(tokens.slice(kept));
  }

  /** Should the formula stay without an end, it belongs to the paragraph before it: that one stays open too. */
  #keepOpenFormula(rest: string, formulaAt: number): void {
    const { tokens } = lexBlocks(rest.slice(0, formulaAt), this.#links);
    const kept = Math.max(0, lastBlock(tokens, tokens.length));
    this.#settle(tokens.slice(0, kept));
    const raw = rest.slice(formulaAt);
    // The first half of its end is no part of it.
    const text = raw
      .replace(/^ *(?:\$\$|\\\[)/, '')
      .replace(/(?:\$|(?<!\\)\\)$/, '')
      .trim();
    const id = this.#source.length - raw.length;
    this.open = [
      ...this.#openBlocks(tokens.slice(kept), id),
      { id, token: { type: 'formula', raw, text, isDisplay: true }, isOpen: true },
    ];
  }

  #settle(tokens: readonly KnownToken[]): void {
    for (const token of tokens) {
      if (isVisible(token)) this.settled.push({ id: this.#settledTo, token, isOpen: false });
      this.#settledTo += token.raw.length;
      if (token.type !== 'def') continue;
      this.#links[token.tag] ??= { href: token.href, title: token.title };
    }
  }

  /** `tokens` reach up to `end`. */
  #openBlocks(tokens: readonly KnownToken[], end = this.#source.length): Block[] {
    const blocks: Block[] = [];
    let id = this.#settledTo;
    const last = lastBlock(tokens, tokens.length);
    const alone = last === 0 ? tokens[0] : undefined;
    this.#fence = alone && OpenFence.of(alone);
    this.#list = alone && OpenList.of(alone);
    for (const [index, token] of tokens.entries()) {
      const shown = index === last ? this.#closed(token, this.#source.slice(id, end)) : token;
      if (isVisible(shown)) blocks.push({ id, token: shown, isOpen: true });
      id += token.raw.length;
    }
    return blocks;
  }

  /** The last block as a reader expects it before its end is typed. */
  #closed(token: KnownToken, source: string): KnownToken {
    if (!COMPLETABLE.has(token.type)) return token;
    const closed = closeHalfTyped(source);
    if (closed === source) return token;
    // Nothing but the beginning of a formula so far.
    if (closed.trim() === '') return { type: 'space', raw: source };
    const [first, ...others] = lexBlocks(closed, this.#links).tokens.filter(isVisible);
    return first?.type === token.type && others.length === 0 ? first : token;
  }
}

const isVisible = (token: KnownToken): boolean => token.type !== 'space' && token.type !== 'def';

/** Index of the last token before `end` that is not mere space, or -1. */
function lastBlock(tokens: readonly KnownToken[], end: number): number {
  return tokens.slice(0, end).findLastIndex((token) => token.type !== 'space');
}

/** Which token starts the part that further text may change; those before it are settled. */
function firstChangeable(tokens: readonly KnownToken[]): number {
  const last = lastBlock(tokens, tokens.length);
  if (last <= 0) return 0;
  // Until it is certain what the last block is, it may turn out to continue the one before it.
  const isCertain = tokens[last] !== undefined && isCertainOf(tokens[last], tokens.slice(last));
  return isCertain ? last : Math.max(0, lastBlock(tokens, last));
}

/** Whether no further text can make `token` a part of the paragraph before it; `end` is what the text ends with. */
function isCertainOf(token: KnownToken, end: readonly KnownToken[]): boolean {
  const lines = end.reduce((text, { raw }) => text + raw, '').split('\n', 3).length - 1;
  // The second line of a table has to be made of dashes to its end, and behind the end of a formula nothing may stand.
  if (token.type === 'table') return lines >= 2;
  return token.type === 'formula' ? token.raw.endsWith('\n') : lines >= 1;
}

function tokenAt(tokens: readonly KnownToken[], offset: number): KnownToken | undefined {
  let end = 0;
  return tokens.find((token) => {
    end += token.raw.length;
    return offset < end;
  });
}
