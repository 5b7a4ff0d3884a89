/** The text of a token: its number from 0 on and the time at which the model sent it, both in base 36. */
export const tokenText = (number: number, micros: number): string =>
  `${number.toString(36)}.${Math.round(micros).toString(36)};`;

/** Reads the text of one answer in any pieces, and counts missing, duplicate and damaged tokens. */
export class TokenCheck {
  readonly #expected: number;
  readonly #onToken: (sentAtMicros: number) => void;
  #rest = '';
  #next = 0;
  #errors = 0;

  /** @param onToken is called for each complete token with its send time */
  constructor(expected: number, onToken: (sentAtMicros: number) => void = () => undefined) {
    this.#expected = expected;
    this.#onToken = onToken;
  }

  /** Adds the next piece of text. */
  feed(text: string): void {
    const whole = this.#rest + text;
    let from = 0;
    for (let to = whole.indexOf(';'); to !== -1; to = whole.indexOf(';', from)) {
      this.#take(whole.slice(from, to));
      from = to + 1;
    }
    this.#rest = whole.slice(from);
  }

  /** The number of the next expected token. */
  get received(): number {
    return this.#next;
  }

  get isComplete(): boolean {
    return this.#next >= this.#expected;
  }

  /** How many tokens are lost, duplicate, out of order or damaged so far; until the end the rest counts as missing. */
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
    // A late token was counted as missing, and is counted as out of order now.
    if (number !== this.#next) this.#errors += Math.max(1, number - this.#next);
    this.#next = Math.max(this.#next, number + 1);
    this.#onToken(sentAt);
  }
}
