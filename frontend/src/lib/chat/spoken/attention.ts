const PREFIX = 'lockstep.looking:';

/**
 * Which conversations are in view in any tab of this browser. A visible tab holds a Web Lock named after its
 * conversation: the browser releases the lock however the tab ends, and querying locks needs no answer from other tabs.
 * Without Web Locks each tab knows only about itself.
 */
export class Attention {
  #conversationId: string | undefined;
  #release: (() => void) | undefined;

  constructor() {
    document.addEventListener('visibilitychange', this.#hold);
    this.#hold();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#hold);
    this.#release?.();
  }

  /** Sets the conversation that this tab shows, if any. */
  look(conversationId: string | undefined): void {
    this.#conversationId = conversationId;
    this.#hold();
  }

  /** Whether a visible tab shows this conversation. */
  async isOn(conversationId: string): Promise<boolean> {
    if (document.visibilityState === 'visible' && this.#conversationId === conversationId) return true;
    return (await heldLocks()).includes(PREFIX + conversationId);
  }

  /** Whether any tab is visible. */
  async isHere(): Promise<boolean> {
    if (document.visibilityState === 'visible') return true;
    return (await heldLocks()).some((name) => name.startsWith(PREFIX));
  }

  readonly #hold = (): void => {
    this.#release?.();
    this.#release = undefined;
    if (document.visibilityState !== 'visible' || !('locks' in navigator)) return;
    const held = Promise.withResolvers<void>();
    this.#release = held.resolve;
    navigator.locks
      .request(PREFIX + (this.#conversationId ?? ''), { mode: 'shared' }, () => held.promise)
      .catch((error: unknown) => console.debug('Other tabs cannot see which conversation is in view here', error));
  };
}

async function heldLocks(): Promise<readonly string[]> {
  if (!('locks' in navigator)) return [];
  const { held } = await navigator.locks.query();
  return held?.flatMap(({ name }) => name ?? []) ?? [];
}
