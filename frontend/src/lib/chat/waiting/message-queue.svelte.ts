import type { ConversationState, QueuedMessage } from '#protocol';
import { connection } from '#lib/client.ts';

/** Messages that the server keeps, in order, until the reply has ended; the same in every tab. */
export class MessageQueue {
  readonly items: readonly QueuedMessage[] = $derived.by(() => this.state()?.queue ?? []);
  /** The last reply failed or was interrupted, so the queue waits for the user. */
  readonly isHeld: boolean = $derived.by(() => {
    const status = this.state()?.messages.at(-1)?.status;
    return status === 'failed' || status === 'interrupted';
  });

  constructor(private readonly state: () => ConversationState | undefined) {}

  /** Changes a message before it is sent. */
  async edit(messageId: string, text: string): Promise<void> {
    await connection.send('queue:update', { messageId, text });
  }

  async remove(messageId: string): Promise<void> {
    await connection.send('queue:remove', { messageId });
  }

  /** Sends a message before its turn. */
  async send(messageId: string): Promise<void> {
    await connection.send('queue:send', { messageId });
  }
}
