import type { ReplySink } from '../../models/model-request.js';
import type { Usage } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';

/**
 * A sink that measures how long the model takes until its first text, from now on: `first` gets whole milliseconds. The
 * first text replaces the function that measured, so the tokens after it cost nothing more.
 */
export function timedSink(
  model: string,
  text: (text: string) => void,
  first: (ms: number) => void,
  usage: (usage: Usage) => void,
): ReplySink {
  const startedAt = performance.now();
  const sink: ReplySink = {
    text(piece) {
      const delayMs = performance.now() - startedAt;
      telemetry.firstText.publish({ model, delayMs });
      first(Math.round(delayMs));
      sink.text = text;
      text(piece);
    },
    usage,
  };
  return sink;
}
