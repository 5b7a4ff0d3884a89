import { highlighter } from './highlighter.ts';
import type { PaintingAnswer, PaintingRequest } from './painting-worker.ts';

/** Highlights long code without blocking the page. */
addEventListener('message', ({ data }: MessageEvent<PaintingRequest>) => {
  const answer: PaintingAnswer = { id: data.id, html: highlighter.html(data.code, data.language) };
  postMessage(answer);
});
