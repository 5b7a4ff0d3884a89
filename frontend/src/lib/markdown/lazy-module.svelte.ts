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

  /** Never rejects: without the module the text is shown plain, and the next one who needs it tries again. */
  load(): Promise<void> {
    this.#loading ??= this.#import().then(
      (module) => {
        this.#current = module;
      },
      (cause: unknown) => {
        this.#loading = undefined;
        console.warn('A part of the page could not be loaded.', cause);
      },
    );
    return this.#loading;
  }
}
