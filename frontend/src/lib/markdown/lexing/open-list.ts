import { type LexedBlock, lexBlocks, type Links } from './block-lexer.ts';
import { closeHalfTyped } from './half-typed.ts';
import type { BlockToken, ListItem } from '../token.types.ts';

type List = Extract<BlockToken, { type: 'list' }>;

/** Shorter lists are lexed as a whole, which is as fast. */
const MIN_ITEMS = 8;
/** The last item grows, and the one before it may: the others are complete. */
const OPEN_ITEMS = 2;

/**
 * A list that may grow. It is one block of any length, so lexing it again with each piece would cost more and more:
 * only its last items are lexed again, and shown together with the items before. Once the list has ended it is lexed as
 * a whole, so nothing here changes the final result.
 */
export class OpenList {
  readonly #list: List;
  readonly #complete: ListItem[] = [];
  /** The offset of the first incomplete item. */
  #from = 0;

  private constructor(list: List) {
    this.#list = list;
    this.#advance(list.items);
  }

  /** `undefined` for a short list, and for any other block. */
  static of({ token }: LexedBlock): OpenList | undefined {
    return token.type === 'list' && token.items.length >= MIN_ITEMS ? new OpenList(token) : undefined;
  }

  /** The list in `source`, which starts with the list; `undefined` if the list may have ended or changed its kind. */
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

  /** The only block of `source`, if it is a list of this kind. */
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
