/** The markers of thoughts at the beginning of an answer, and of their ends; case-insensitive. */
const OPENERS: readonly (readonly [opener: string, closer: string])[] = [
  ...['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'reflection', 'antthinking', 'seed:think'].map(
    (tag) => [`<${tag}>`, `</${tag}>`] as const,
  ),
  ['[think]', '[/think]'],
  ['◁think▷', '◁/think▷'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  ['<|channel|>analysis<|message|>', '<|channel|>final<|message|>'],
];
/** The markers that are also recognised after text; the others are more likely to be part of the text there. */
const LATER = ['<think>', '<thinking>', '</think>', '</thinking>'] as const;
const LONGEST_CLOSER = 32;
const TAG = /[<`\n]/g;
const LINE_START = /(^|\n)[ \t]*$/;

/**
 * Removes thoughts such as `<think>…</think>` from an answer, however it is split into pieces. A tag in code is text. A
 * tag in the middle of a line that is never closed is text too, and is returned at the end.
 *
 * One piece costs 0.05 us of CPU in a loop while it has neither `<` nor a backtick.
 */
export class SpokenText {
  private state: 'beginning' | 'speaking' | 'thinking' = 'beginning';
  /** Text that cannot be classified yet: a beginning, a partial tag, thoughts that may be text, or their end. */
  private held = '';
  private hasThought = false;
  private closer = /$/g;
  private mayBeText = false;
  private searched = 0;
  /** The last returned piece that is not only white space, to see whether a tag is at the start of a line. */
  private last = '';
  /** The number of backticks that opened the current code; 0 outside of code. */
  private code = 0;
  /** The number of backticks in a run that may continue. */
  private ticks = 0;

  /** Adds a piece and returns the text that can be shown now. */
  push(text: string): string {
    const isPlain =
      this.state === 'speaking' && this.held === '' && this.ticks === 0 && (this.code === 0 || this.code > 2);
    if (isPlain && !text.includes('<') && !text.includes('`')) {
      this.remember(text);
      return text;
    }
    const input = this.held + text;
    this.held = '';
    switch (this.state) {
      case 'beginning':
        return this.begin(input);
      case 'speaking':
        return this.speak(input);
      case 'thinking':
        return this.think(input);
    }
  }

  /** Returns the rest at the end of the answer. */
  flush(): string {
    const { held, state, mayBeText } = this;
    this.held = '';
    return state === 'thinking' && !mayBeText ? '' : held;
  }

  private begin(input: string): string {
    const start = input.trimStart();
    if (start === '') return this.hold(input);
    const lower = start.slice(0, LONGEST_CLOSER).toLowerCase();
    for (const [opener, closer] of OPENERS) {
      if (lower.startsWith(opener)) {
        this.enter(closer, false);
        return this.think(start.slice(opener.length));
      }
      if (opener.startsWith(lower)) return this.hold(input);
    }
    this.state = 'speaking';
    // Empty lines after thoughts belong to the thoughts.
    return this.speak(this.hasThought ? input.replace(/^\s*\n/, '') : input);
  }

  private speak(input: string): string {
    let given = '';
    let at = 0;
    const give = (to: number): void => {
      given += input.slice(at, to);
      at = to;
    };
    let seen = 0;
    while (seen < input.length) {
      if (this.ticks > 0 && input[seen] !== '`') this.closeTicks();
      TAG.lastIndex = seen;
      const found = TAG.exec(input)?.index ?? input.length;
      if (found === input.length) break;
      seen = found + 1;
      if (input[found] === '`') {
        this.ticks += 1;
      } else if (input[found] === '\n') {
        // Inline code ends at the latest with its paragraph.
        if (this.code < 3 && LINE_START.test(this.last + input.slice(0, found))) this.code = 0;
      } else if (this.code === 0) {
        const rest = input.slice(found);
        const tag = LATER.find((one) => rest.startsWith(one));
        if (tag) {
          give(found);
          at = seen = found + tag.length;
          if (tag.startsWith('</')) continue;
          this.enter(`</${tag.slice(1)}`, !LINE_START.test(this.last + given));
          this.remember(given);
          return given + this.think(input.slice(at), tag);
        }
        if (LATER.some((one) => one.startsWith(rest))) {
          give(found);
          this.remember(given);
          this.held = rest;
          return given;
        }
      }
    }
    give(input.length);
    this.remember(given);
    return given;
  }

  /** @param opener the opening tag, if the thoughts may turn out to be text */
  private think(input: string, opener = ''): string {
    // The held text contains no closing tag, except for a partial one at its end.
    this.closer.lastIndex = Math.max(0, this.searched - LONGEST_CLOSER);
    const end = this.closer.exec(input);
    if (!end) {
      this.hold(this.mayBeText ? opener + input : input.slice(-LONGEST_CLOSER));
      this.searched = this.held.length;
      return '';
    }
    this.hasThought = true;
    const rest = input.slice(end.index + end[0].length);
    this.state = this.last === '' ? 'beginning' : 'speaking';
    return this.state === 'beginning' ? this.begin(rest) : this.speak(rest);
  }

  private remember(given: string): void {
    const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;
    const isSuspect = given === '' || (isSpace(given.charCodeAt(0)) && isSpace(given.charCodeAt(given.length - 1)));
    if (!isSuspect || /[^ \t]/.test(given)) this.last = given;
  }

  private enter(closer: string, mayBeText: boolean): void {
    this.state = 'thinking';
    this.closer = new RegExp(closer.replaceAll(/[[\]|]/g, String.raw`\$&`), 'gi');
    this.searched = 0;
    this.mayBeText = mayBeText;
  }

  private closeTicks(): void {
    const run = this.ticks;
    this.ticks = 0;
    if (this.code === 0) this.code = run;
    else if (run === this.code || (this.code > 2 && run > this.code)) this.code = 0;
  }

  private hold(text: string): string {
    this.held = text;
    return '';
  }
}
