const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/**
 * Makes pieces that never split a surrogate pair, though the pieces that come in may: the first half waits here
 * for the second.
 */
export class WholeCharacters {
  private held = '';

  /** The text that may be shown now; empty while only half a character is there. */
  push(text: string): string {
    if (text === '') return '';
    const whole = this.held + text;
    this.held = isHigh(whole.charCodeAt(whole.length - 1)) ? whole.slice(-1) : '';
    // A half that no other half belongs to would make the text unfit for UTF-8, and so for every reader.
    return (this.held ? whole.slice(0, -1) : whole).toWellFormed();
  }

  /** What is left at the end: nothing, or the replacement character for a half that never became whole. */
  flush(): string {
    const rest = this.held.toWellFormed();
    this.held = '';
    return rest;
  }
}

/** The longest beginning of `text` with at most `length` UTF-16 units that does not end in half a character. */
export function beginningOf(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length > 0 && isHigh(text.charCodeAt(length - 1)) ? length - 1 : length);
}
