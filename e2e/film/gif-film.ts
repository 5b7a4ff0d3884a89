import gifenc from 'gifenc';

/** An image as pixels: four bytes each, red, green, blue, opaque. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

/** One colour is reserved for "unchanged". */
const COLOURS = 127;

/** Writes frames of one size into an endless GIF; unchanged pixels take almost no space. */
export class GifFilm {
  readonly #encoder = gifenc.GIFEncoder();
  readonly #palette: number[][];
  #before: Uint8Array | undefined;

  /** @param typical determines the palette: it should show about everything that the film shows */
  constructor(typical: Picture) {
    this.#palette = [...gifenc.quantize(typical.pixels, COLOURS), [0, 0, 0]];
  }

  /** @param delayMs how long the frame is shown */
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
