import type { Tokens } from 'marked';
import type { KnownToken } from './token.types.ts';

const OPENING = /^ {0,3}(`{3,}|~{3,})([^\n]*)\n/;

const closingLine = (mark: string): string => ` {0,3}[${mark.charAt(0)}]{${mark.length},}[ \\t]*`;

/** Whether the fence that `raw` begins with is closed for good: its closing line is complete. */
export function isClosedFence(raw: string): boolean {
  const [opening, mark] = OPENING.exec(raw) ?? [];
  if (opening === undefined || mark === undefined) return false;
  return new RegExp(`^${closingLine(mark)}\\n`, 'm').test(raw.slice(opening.length));
}

/**
 * A code block whose closing fence has not come yet. Nothing but its text can change until then, so the lexer need
 * not run: a long listing costs what its new lines cost.
 */
export class OpenFence {
  readonly #closing: RegExp;
  readonly #language: string;
  readonly #bodyAt: number;
  #checkedTo: number;

  private constructor(mark: string, info: string, bodyAt: number) {
    this.#closing = new RegExp(`^${closingLine(mark)}$`);
    this.#language = info.trim();
    this.#bodyAt = bodyAt;
    this.#checkedTo = bodyAt;
  }

  /** The fence that `token` opens and leaves open; `undefined` for any other block. */
  static of(token: KnownToken): OpenFence | undefined {
    if (token.type !== 'code') return undefined;
    const [opening, mark, info] = OPENING.exec(token.raw) ?? [];
    if (opening === undefined || mark === undefined || info === undefined) return undefined;
    const fence = new OpenFence(mark, info, opening.length);
    return fence.mayCloseIn(token.raw) ? undefined : fence;
  }

  /** Whether a closing fence stands in `source`, which starts at the opening one, or may be in the middle of arriving. */
  mayCloseIn(source: string): boolean {
    for (;;) {
      const newline = source.indexOf('\n', this.#checkedTo);
      const line = source.slice(this.#checkedTo, newline < 0 ? undefined : newline);
      if (this.#closing.test(line)) return true;
      if (newline < 0) return /^ {0,3}[`~]+[ \t]*$/.test(line);
      this.#checkedTo = newline + 1;
    }
  }

  token(source: string): Tokens.Code {
    return { type: 'code', raw: source, lang: this.#language, text: source.slice(this.#bodyAt) };
  }
}
