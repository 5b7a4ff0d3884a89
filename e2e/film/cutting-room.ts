import type { Page } from '@playwright/test';
import type { Picture } from './gif-film.ts';

export interface Shot {
  readonly atMs: number;
  /** One PNG per tab, in base64. */
  readonly tabs: readonly string[];
}

/** A page that combines the screenshots of the tabs side by side, each in a window with its name. */
export class CuttingRoom {
  readonly #page: Page;
  readonly #labels: readonly string[];
  readonly #scale: number;

  constructor(page: Page, labels: readonly string[], scale: number) {
    this.#page = page;
    this.#labels = labels;
    this.#scale = scale;
  }

  async compose({ tabs }: Shot): Promise<Picture> {
    const { width, height, pixels } = await this.#page.evaluate(draw, {
      tabs,
      labels: this.#labels,
      scale: this.#scale,
    });
    return { width, height, pixels: new Uint8ClampedArray(Buffer.from(pixels, 'base64')) };
  }
}

/** Runs in the browser, which can decode PNGs and scale them well. */
async function draw({
  tabs,
  labels,
  scale,
}: {
  tabs: readonly string[];
  labels: readonly string[];
  scale: number;
}): Promise<{ width: number; height: number; pixels: string }> {
  const gap = 20;
  const bar = 26;
  const pictures = await Promise.all(
    tabs.map(async (png) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      return image;
    }),
  );
  const widths = pictures.map((image) => Math.round(image.width * scale));
  const tallest = Math.max(...pictures.map((image) => Math.round(image.height * scale)));
  const width = widths.reduce((sum, one) => sum + one + gap, gap);
  const height = tallest + bar + 2 * gap;
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('This browser draws nothing');
  pen.fillStyle = '#dfe3ea';
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = 'high';
  let left = gap;
  pictures.forEach((image, at) => {
    const wide = widths[at] ?? 0;
    const tall = Math.round(image.height * scale);
    pen.save();
    pen.beginPath();
    pen.roundRect(left, gap, wide, tall + bar, 10);
    pen.clip();
    pen.fillStyle = '#2b2f38';
    pen.fillRect(left, gap, wide, bar);
    pen.fillStyle = '#e8eaf0';
    pen.font = '600 12px system-ui, sans-serif';
    pen.textAlign = 'center';
    pen.fillText(labels[at] ?? '', left + wide / 2, gap + 17);
    pen.drawImage(image, left, gap + bar, wide, tall);
    pen.restore();
    left += wide + gap;
  });
  const { data } = pen.getImageData(0, 0, width, height);
  let binary = '';
  for (let at = 0; at < data.length; at += 0x8000) binary += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return { width, height, pixels: btoa(binary) };
}
