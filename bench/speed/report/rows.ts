/** A row of the table. */
export interface Row {
  /** The name for `--only`. */
  readonly key: string;
  readonly title: string;
  readonly unit: 'ms' | 'µs' | 'MB' | 'KB' | '%' | 'bytes' | '/s' | '';
  /** The ratio to the relay has no meaning here. */
  readonly withoutRatio?: true;
}

/** Figures by row key, and the number of wrong or missing tokens, or failed requests. */
export interface Figures {
  readonly values: Readonly<Record<string, number>>;
  readonly errors: number;
  /** The first problem, in words. */
  readonly problem?: string | undefined;
}

/** The requested rows: all, or those whose keys begin with one of the given words. */
export class RowChoice {
  readonly #words: readonly string[];

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  has({ key }: Row): boolean {
    return this.#words.length === 0 || this.#words.some((word) => key.startsWith(word));
  }
}
