import { setTimeout as delay } from 'node:timers/promises';
import type { ReceivedRequest } from './completion-request.ts';
import type { ModelAnswer, Usage } from './model-answer.ts';

/** Answers one request of the model; it may wait, stall or break the connection. */
export type Script = (answer: ModelAnswer, request: ReceivedRequest) => void | Promise<void>;

interface SaysOptions {
  /** Pause before each piece, in milliseconds. */
  readonly delayMs?: number;
  /** `null` omits the last chunk, the usage and the end marker: a cleanly truncated answer. */
  readonly finishReason?: string | null;
  readonly usage?: Usage;
  /** Writes each byte separately. */
  readonly bytewise?: boolean;
}

/** Streams these pieces and ends like a real model. */
export function says(pieces: readonly string[], options: SaysOptions = {}): Script {
  return async (answer) => {
    answer.bytewise = options.bytewise ?? false;
    for (const piece of pieces) {
      if (options.delayMs) await delay(options.delayMs);
      // The client has disconnected: the rest would only delay the test.
      if (answer.isClosed) return;
      await answer.text(piece);
    }
    if (options.finishReason === null) return answer.end();
    await answer.finish(options.finishReason ?? 'stop');
    await answer.usage(options.usage ?? { prompt_tokens: 7, completion_tokens: pieces.length });
    await answer.done();
  };
}

/** Answers with a status other than 200; see `ModelAnswer.refuse`. */
export function refuses(status: number, body: string | object = {}, headers: Record<string, string> = {}): Script {
  return (answer) => answer.refuse(status, body, headers);
}

/** Repeats the question, and never ends. */
export const repeatsAndHangs: Script = async (answer, { body }) => {
  await answer.text(body.messages.at(-1)?.content ?? '');
  await answer.stall();
};

/**
 * Counts every 15 ms and never stops. Answers and their words are numbered (`0:0 0:1 ...`), so that a lost, doubled or
 * misplaced word is noticed.
 * @param said receives the text of each answer so far, in the order of the requests
 */
export function countsWithoutEnd(said: string[]): Script {
  return async (answer) => {
    const number = said.push('') - 1;
    for (let word = 0; !answer.isClosed; word += 1) {
      const text = `${number}:${word} `;
      said[number] += text;
      await answer.text(text);
      await delay(15);
    }
  };
}

/** Passes each answer to the test, which writes it. */
export class HeldAnswers {
  readonly #held: ModelAnswer[] = [];
  #wake: (() => void) | undefined;

  readonly script: Script = (answer) => {
    answer.head();
    this.#held.push(answer);
    this.#wake?.();
  };

  /** Resolves to the answer of the next request. */
  async next(): Promise<ModelAnswer> {
    for (;;) {
      const answer = this.#held.shift();
      if (answer) return answer;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
