import { says, type Script } from '../../testing/model/script.js';
import { newMessage } from './conversation.js';

/** An answer that ends when the test says so. */
export function held(text: string): { readonly script: Script; release(): void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  return {
    script: async (answer, request) => {
      await answer.text(text);
      await Promise.race([released, request.closed]);
      await says([''])(answer, request);
    },
    release: () => release(),
  };
}

/** A message that waits while its conversation has a running reply. */
export const queued = (conversationId: string, text: string) => ({ ...newMessage(text, conversationId), queue: true });
