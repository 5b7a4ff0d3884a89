import type { Api } from '../http/api.ts';

/** How many pictures are kept. A longer list of people has left the screen by then. */
const KEPT = 200;

/**
 * The pictures of people, as addresses for `<img>`. An `<img>` cannot send the access token, so they are fetched with it
 * and shown from memory. The path changes with the picture, so the browser's own cache serves later visits.
 */
export class PersonPictures {
  readonly #reading = new Map<string, Promise<string | undefined>>();
  readonly #known = new Map<string, string>();

  constructor(private readonly api: Pick<Api, 'file'>) {}

  /** The address of a picture that has been read before. */
  known(path: string): string | undefined {
    return this.#known.get(path);
  }

  /** The address of a picture; `undefined` if it cannot be read, which the next call tries again. Never rejects. */
  read(path: string): Promise<string | undefined> {
    const known = this.#known.get(path);
    if (known !== undefined) return Promise.resolve(known);
    const reading = this.#reading.get(path) ?? this.#fetch(path);
    this.#reading.set(path, reading);
    return reading;
  }

  /** Call it when the user has signed out. */
  forget(): void {
    for (const address of this.#known.values()) URL.revokeObjectURL(address);
    this.#known.clear();
    this.#reading.clear();
  }

  async #fetch(path: string): Promise<string | undefined> {
    try {
      const { content } = await this.api.file(path, { cache: 'default' });
      // The user may have signed out meanwhile.
      return this.#reading.has(path) ? this.#keep(path, URL.createObjectURL(content)) : undefined;
    } catch (error) {
      console.debug('A picture could not be read', error);
      return undefined;
    } finally {
      this.#reading.delete(path);
    }
  }

  #keep(path: string, address: string): string {
    this.#known.set(path, address);
    const [oldest] = this.#known;
    if (this.#known.size > KEPT && oldest) {
      // An image that is shown stays: the browser has read it.
      URL.revokeObjectURL(oldest[1]);
      this.#known.delete(oldest[0]);
    }
    return address;
  }
}
