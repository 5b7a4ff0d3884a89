/** Pause after a failure: a reply with many formulas would otherwise retry for each of them. */
const REST_MS = 10_000;

/** A module that is loaded on first use; `current` is reactive. */
export class LazyModule<Module> {
  #current = $state.raw<Module>();
  #loading: Promise<void> | undefined;
  readonly #import: () => Promise<Module>;

  constructor(load: () => Promise<Module>) {
    this.#import = load;
  }

  get current(): Module | undefined {
    return this.#current;
  }

  /**
   * Never rejects: offline, or with a page older than the server's build, the text is shown plain. A later call tries
   * again.
   */
  load(): Promise<void> {
    this.#loading ??= this.#import().then(
      (module) => {
        this.#current = module;
      },
      (cause: unknown) => {
        setTimeout(() => (this.#loading = undefined), REST_MS);
        console.warn('A part of the page could not be loaded.', cause);
      },
    );
    return this.#loading;
  }
}
