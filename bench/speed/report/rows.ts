/** A line of the table. */
export interface Row {
  /** What `--only` takes. */
  readonly key: string;
  readonly title: string;
  readonly unit: 'ms' | 'µs' | 'MB' | 'KB' | '%' | 'bytes' | '/s' | '';
  /** Lockstep's ratio to the relay says nothing here. */
  readonly withoutRatio?: true;
}

/** Figures by the keys of their rows, and how many tokens were wrong or missing, or how many requests failed. */
export interface Figures {
  readonly values: Readonly<Record<string, number>>;
  readonly errors: number;
  /** The first thing that was wrong, in words. */
  readonly problem?: string | undefined;
}

/** Which rows are wanted: all, or those whose keys begin with one of some words. */
export class RowChoice {
  readonly #words: readonly string[];

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  has({ key }: Row): boolean {
    return this.#words.length === 0 || this.#words.some((word) => key.startsWith(word));
  }
}
