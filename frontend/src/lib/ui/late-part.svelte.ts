/** A part of the page with scripts of its own, which are loaded at once and, if that failed, on request again. */
export class LatePart<Part> {
  #loading = $state.raw<Promise<Part>>() as Promise<Part>;
  #hasFailed = false;
  readonly #load: () => Promise<Part>;

  constructor(load: () => Promise<Part>) {
    this.#load = load;
    this.#begin();
  }

  /** Reactive; rejects while the part cannot be loaded. */
  get loading(): Promise<Part> {
    return this.#loading;
  }

  /** Loads the part again if it could not be loaded, for example because the server was away. */
  retry(): void {
    if (this.#hasFailed) this.#begin();
  }

  #begin(): void {
    this.#hasFailed = false;
    this.#loading = this.#load();
    this.#loading.catch((cause: unknown) => {
      this.#hasFailed = true;
      console.warn('A part of the page could not be loaded.', cause);
    });
  }
}
