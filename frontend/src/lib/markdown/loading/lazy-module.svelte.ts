/** After a failure nobody asks again for so long: a reply with many formulas would ask with each of them. */
const REST_MS = 10_000;

/** A module that is loaded when it is first needed; what reads `current` is updated once it is there. */
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
   * Never rejects: offline, or with an older page than the server has, the text is shown plain. Who needs the module
   * later tries again.
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
