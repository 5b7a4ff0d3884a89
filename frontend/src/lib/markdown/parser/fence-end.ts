const MAY_NEST = /^(?:markdown|md|mdx)\b/i;
const MARKS = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\n]*)$/;

/**
 * Finds the line that closes a fence. Models put Markdown with code into fences of the same length: within a Markdown
 * fence, a fence with a language opens a nested one, which has to be closed first.
 */
export class FenceEnd {
  /** Lengths of the open fences, the outermost first. */
  readonly #open: number[];
  readonly #mark: string;
  readonly #mayNest: boolean;

  /** `mark` is the opening fence, `info` its info string. */
  constructor(mark: string, info: string, mayNest = MAY_NEST.test(info.trim())) {
    this.#open = [mark.length];
    this.#mark = mark.charAt(0);
    this.#mayNest = mayNest;
  }

  get mayNest(): boolean {
    return this.#mayNest;
  }

  /** Reads the next line, without its break; returns whether it closes the fence. */
  isReachedBy(line: string): boolean {
    const [, marks, info = ''] = MARKS.exec(line) ?? [];
    if (marks?.charAt(0) !== this.#mark) return false;
    const innermost = this.#open.at(-1) ?? 0;
    if (info.trim() === '') {
      if (marks.length < innermost) return false;
      this.#open.pop();
      return this.#open.length === 0;
    }
    if (this.#mayNest && marks.length >= innermost && !info.includes('`')) this.#open.push(marks.length);
    return false;
  }
}
