/** The text of a token: its number from 0 on and the moment at which the model sent it, both in base 36. */
export const tokenText = (number: number, micros: number): string =>
  `${number.toString(36)}.${Math.round(micros).toString(36)};`;

/** Takes the text of one answer, however it is cut, and finds out which of its tokens are missing, double or broken. */
export class TokenCheck {
  readonly #expected: number;
  readonly #onToken: (sentAtMicros: number) => void;
  #rest = '';
  #next = 0;
  #errors = 0;

  /** @param onToken is told of each whole token when it was sent */
  constructor(expected: number, onToken: (sentAtMicros: number) => void = () => undefined) {
    this.#expected = expected;
    this.#onToken = onToken;
  }

  /** The text that follows. */
  feed(text: string): void {
    const whole = this.#rest + text;
    let from = 0;
    for (let to = whole.indexOf(';'); to !== -1; to = whole.indexOf(';', from)) {
      this.#take(whole.slice(from, to));
      from = to + 1;
    }
    this.#rest = whole.slice(from);
  }

  /** Up to which number tokens have come. */
  get received(): number {
    return this.#next;
  }

  get isComplete(): boolean {
    return this.#next >= this.#expected;
  }

  /** How many tokens have been lost so far, came twice, out of order, or damaged; before the end the rest is missing. */
  get errors(): number {
    return this.#errors + Math.max(0, this.#expected - this.#next) + (this.#rest === '' ? 0 : 1);
  }

  #take(token: string): void {
    const point = token.indexOf('.');
    const number = Number.parseInt(token.slice(0, point), 36);
    const sentAt = Number.parseInt(token.slice(point + 1), 36);
    if (point < 1 || Number.isNaN(number) || Number.isNaN(sentAt)) {
      this.#errors += 1;
      return;
    }
    // One that comes late is counted as missing first, and as out of order now.
    if (number !== this.#next) this.#errors += Math.max(1, number - this.#next);
    this.#next = Math.max(this.#next, number + 1);
    this.#onToken(sentAt);
  }
}
