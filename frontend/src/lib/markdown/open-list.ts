import type { Links, Tokens } from 'marked';
import { lexBlocks } from './block-lexer.ts';
import { findOpenFormula } from './formula.extension.ts';
import { closeHalfTyped } from './half-typed.ts';
import type { KnownToken } from './token.types.ts';

/** Shorter lists are lexed as quickly as a whole. */
const MIN_ITEMS = 8;
/** The last item grows, and the one before it may: the others are complete. */
const OPEN_ITEMS = 2;

/**
 * A list that may go on. It is one block however long it is, so lexing it anew with each piece would cost more and more:
 * only its last items are. What is shown is made from those and the items before; once the list has ended it is lexed
 * as a whole, and so nothing here can change what a text becomes.
 */
export class OpenList {
  readonly #list: Tokens.List;
  readonly #complete: Tokens.ListItem[] = [];
  /** Where the items begin that are not complete. */
  #from = 0;

  private constructor(list: Tokens.List) {
    this.#list = list;
    this.#advance(list.items);
  }

  /** `undefined` for what is no list, or a short one. */
  static of(token: KnownToken): OpenList | undefined {
    return token.type === 'list' && token.items.length >= MIN_ITEMS ? new OpenList(token) : undefined;
  }

  /** The list as of `source`, which begins where the list begins; `undefined` where it may have ended or changed its kind. */
  grow(source: string, links: Links): Tokens.List | undefined {
    const end = source.slice(this.#from);
    if (findOpenFormula(end) >= 0) return undefined;
    const list = this.#sameList(end, links);
    if (!list) return undefined;
    const closed = closeHalfTyped(end);
    const shown = closed === end ? list : (this.#sameList(closed, links) ?? list);
    const items = [...this.#complete, ...shown.items];
    this.#advance(list.items);
    return { ...this.#list, raw: source, items };
  }

  /** The only block of `source`, if that is a list like this one. */
  #sameList(source: string, links: Links): Tokens.List | undefined {
    const [first, ...others] = lexBlocks(source, links).tokens.filter(({ type }) => type !== 'space');
    if (first?.type !== 'list' || others.length > 0) return undefined;
    const { ordered, loose } = this.#list;
    return first.ordered === ordered && first.loose === loose ? first : undefined;
  }

  #advance(items: readonly Tokens.ListItem[]): void {
    if (items.length < MIN_ITEMS) return;
    for (const item of items.slice(0, -OPEN_ITEMS)) {
      this.#complete.push(item);
      this.#from += item.raw.length;
    }
  }
}
