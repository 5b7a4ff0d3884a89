import { setTimeout as delay } from 'node:timers/promises';
import type { Plugin } from 'vite';

const LOOK_AGAIN_MS = 100;

/** In development the page is served once the server answers: without it nothing that a person does would work. */
export const afterServer = (server: string): Plugin => ({
  name: 'after-server',
  configureServer({ middlewares }) {
    const ready = untilItAnswers(server);
    const goOn = async (next: () => void): Promise<void> => {
      await ready;
      next();
    };
    middlewares.use((_request, _response, next) => void goOn(next));
  },
});

/** Resolves once the server at this address takes requests, or the signal comes. */
export async function untilItAnswers(server: string, signal?: AbortSignal): Promise<void> {
  for (;;) {
    if (signal?.aborted) return;
    try {
      await fetch(`${server}/health/live`);
      return;
    } catch {
      // It is being compiled, or starts.
      await delay(LOOK_AGAIN_MS);
    }
  }
}
