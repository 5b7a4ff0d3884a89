const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/**
 * Joins surrogate pairs that are split between pieces: the first half is held back until the second arrives.
 */
export class WholeCharacters {
  private held = '';

  /** Adds a piece and returns the text that can be shown now; empty while there is only half a character. */
  push(text: string): string {
    if (text === '') return '';
    const whole = this.held + text;
    this.held = isHigh(whole.charCodeAt(whole.length - 1)) ? whole.slice(-1) : '';
    // A lone surrogate cannot be encoded in UTF-8.
    return (this.held ? whole.slice(0, -1) : whole).toWellFormed();
  }

  /** Returns the rest at the end: nothing, or the replacement character for an incomplete pair. */
  flush(): string {
    const rest = this.held.toWellFormed();
    this.held = '';
    return rest;
  }
}

/** The longest prefix of `text` with at most `length` UTF-16 units that does not split a surrogate pair. */
export function beginningOf(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length > 0 && isHigh(text.charCodeAt(length - 1)) ? length - 1 : length);
}
