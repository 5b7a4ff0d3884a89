import gifenc from 'gifenc';

/** A picture as pixels: four bytes each, red, green, blue, opaque. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

/** One colour is kept for "as it was before". */
const COLOURS = 127;

/** Writes pictures of one size into a GIF that runs for ever; pixels that did not change cost next to nothing. */
export class GifFilm {
  readonly #encoder = gifenc.GIFEncoder();
  readonly #palette: number[][];
  #before: Uint8Array | undefined;

  /** @param typical gives the colours: it shows about everything that the film shows. */
  constructor(typical: Picture) {
    this.#palette = [...gifenc.quantize(typical.pixels, COLOURS), [0, 0, 0]];
  }

  /** @param delayMs how long the picture stays */
  add({ width, height, pixels }: Picture, delayMs: number): void {
    const now = gifenc.applyPalette(pixels, this.#palette.slice(0, -1));
    const transparentIndex = this.#palette.length - 1;
    const before = this.#before;
    const changed = before ? now.map((colour, at) => (colour === before[at] ? transparentIndex : colour)) : now;
    this.#encoder.writeFrame(changed, width, height, {
      palette: this.#palette,
      delay: delayMs,
      transparent: before !== undefined,
      transparentIndex,
      dispose: 1,
    });
    this.#before = now;
  }

  finish(): Uint8Array {
    this.#encoder.finish();
    return this.#encoder.bytes();
  }
}
