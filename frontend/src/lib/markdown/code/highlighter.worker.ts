import { highlighter } from './highlighter.ts';
import type { PaintingAnswer, PaintingRequest } from './painting-worker.ts';

/** Paints long code beside the page, which goes on meanwhile. */
addEventListener('message', ({ data }: MessageEvent<PaintingRequest>) => {
  const answer: PaintingAnswer = { id: data.id, html: highlighter.html(data.code, data.language) };
  postMessage(answer);
});
