import type { ReplySink } from '../../models/model-request.js';
import type { Usage } from '../../protocol/index.js';

/**
 * A sink that measures how long the model takes until its first text, in whole milliseconds from now. The first text
 * replaces the function that measured, so the tokens after it cost nothing more.
 */
export function timedSink(
  text: (text: string) => void,
  first: (ms: number) => void,
  usage: (usage: Usage) => void,
): ReplySink {
  const startedAt = performance.now();
  const sink: ReplySink = {
    text(piece) {
      first(Math.round(performance.now() - startedAt));
      sink.text = text;
      text(piece);
    },
    usage,
  };
  return sink;
}
