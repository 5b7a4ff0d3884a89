const PREFIX = 'lockstep.looking:';

/**
 * What is looked at, in any tab of this browser. A tab that is in view holds a lock which says at what; the locks go
 * with the tab, however it ends, and asking for them needs no answer of the others. Where there are no locks each tab
 * knows of itself alone.
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

  /** This tab shows a conversation, or none. */
  look(conversationId: string | undefined): void {
    this.#conversationId = conversationId;
    this.#hold();
  }

  /** Whether a tab that is in view shows this conversation. */
  async isOn(conversationId: string): Promise<boolean> {
    if (document.visibilityState === 'visible' && this.#conversationId === conversationId) return true;
    return (await heldLocks()).includes(PREFIX + conversationId);
  }

  /** Whether any tab is in view. */
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
      .catch((error: unknown) => console.debug('Other tabs do not know what this one shows', error));
  };
}

async function heldLocks(): Promise<readonly string[]> {
  if (!('locks' in navigator)) return [];
  const { held } = await navigator.locks.query();
  return held?.flatMap(({ name }) => name ?? []) ?? [];
}
