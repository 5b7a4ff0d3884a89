import { type LexedBlock, lexBlocks, type Links } from './block-lexer.ts';
import { closeHalfTyped } from './half-typed.ts';
import type { BlockToken, ListItem } from '../token.types.ts';

type List = Extract<BlockToken, { type: 'list' }>;

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
  readonly #list: List;
  readonly #complete: ListItem[] = [];
  /** Where the items begin that are not complete. */
  #from = 0;

  private constructor(list: List) {
    this.#list = list;
    this.#advance(list.items);
  }

  /** `undefined` for what is no list, or a short one. */
  static of({ token }: LexedBlock): OpenList | undefined {
    return token.type === 'list' && token.items.length >= MIN_ITEMS ? new OpenList(token) : undefined;
  }

  /** The list as of `source`, which begins where the list begins; `undefined` where it may have ended or changed its kind. */
  grow(source: string, links: Links): List | undefined {
    const end = source.slice(this.#from);
    const list = this.#sameList(end, links);
    if (!list) return undefined;
    const closed = closeHalfTyped(end);
    const shown = closed === end ? list : (this.#sameList(closed, links) ?? list);
    const items = [...this.#complete, ...this.#placed(shown.items)];
    this.#advance(list.items);
    return { ...this.#list, items };
  }

  /** The only block of `source`, if that is a list like this one. */
  #sameList(source: string, links: Links): List | undefined {
    const [first, ...others] = lexBlocks(source, links, true).blocks;
    if (first?.token.type !== 'list' || others.length > 0) return undefined;
    const isOrdered = first.token.start !== undefined;
    const { start, isLoose } = this.#list;
    return isOrdered === (start !== undefined) && first.token.isLoose === isLoose ? first.token : undefined;
  }

  #placed(items: readonly ListItem[]): ListItem[] {
    return items.map((item) => ({ ...item, at: this.#from + item.at }));
  }

  #advance(items: readonly ListItem[]): void {
    const open = items.at(-OPEN_ITEMS);
    if (items.length < MIN_ITEMS || !open) return;
    this.#complete.push(...this.#placed(items.slice(0, -OPEN_ITEMS)));
    this.#from += open.at;
  }
}
