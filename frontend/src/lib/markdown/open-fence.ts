import type { LexedBlock } from './block-lexer.ts';
import { FenceEnd } from './parser/fence-end.ts';
import type { BlockToken } from './token.types.ts';

const OPENING = /^ {0,3}(`{3,}|~{3,})[^\n]*\n/;

/**
 * A code block whose closing fence has not come yet. Nothing but its text can change until then, so the lexer need
 * not run: a long listing costs what its new lines cost.
 */
export class OpenFence {
  readonly #end: FenceEnd;
  readonly #info: string;
  readonly #bodyAt: number;
  #checkedTo: number;

  private constructor(mark: string, info: string, bodyAt: number) {
    this.#end = new FenceEnd(mark, info);
    this.#info = info;
    this.#bodyAt = bodyAt;
    this.#checkedTo = bodyAt;
  }

  /** The fence that `block` opens and leaves open; `undefined` for any other block. */
  static of({ raw, token }: LexedBlock): OpenFence | undefined {
    if (token.type !== 'code' || token.isClosed || !raw.includes('\n')) return undefined;
    const [opening, mark] = OPENING.exec(raw) ?? [];
    // A fence that is set in loses that much of each line.
    if (opening === undefined || mark === undefined || opening.startsWith(' ')) return undefined;
    const fence = new OpenFence(mark, token.info, opening.length);
    return fence.mayCloseIn(raw) ? undefined : fence;
  }

  /** Whether a closing fence stands in `source`, which starts at the opening one, or may be in the middle of arriving. */
  mayCloseIn(source: string): boolean {
    for (;;) {
      const newline = source.indexOf('\n', this.#checkedTo);
      if (newline < 0) return /^ {0,3}[`~]+[ \t]*$/.test(source.slice(this.#checkedTo));
      if (this.#end.isReachedBy(source.slice(this.#checkedTo, newline))) return true;
      this.#checkedTo = newline + 1;
    }
  }

  token(source: string): BlockToken {
    const text = source.slice(this.#bodyAt);
    return {
      type: 'code',
      info: this.#info,
      text: text.endsWith('\n') ? text.slice(0, -1) : text,
      isClosed: false,
    };
  }
}
