import { toast } from 'svelte-sonner';
import { m } from '#lib/language/messages.svelte.ts';

/** How long it can be taken back; shorter than the server's own patience by far. */
const UNDO_MS = 10_000;

interface Offer {
  readonly about: string;
  readonly toastId: string | number;
  readonly undo: () => void;
}

/** What was done and can be taken back while a toast says so: by its button, or by the keys that undo everywhere. */
export class UndoOffers {
  #offers: readonly Offer[] = [];

  /** `what` was done to `name`. What was done to the same thing before, by its id, is no longer offered. */
  offer(about: string, what: string, name: string, undo: () => void): void {
    for (const earlier of this.#offers.filter((other) => other.about === about)) toast.dismiss(earlier.toastId);
    const toastId = toast(what, {
      description: name,
      duration: UNDO_MS,
      action: { label: m.action_undo(), onClick: () => this.#take(offer) },
      onDismiss: () => this.#forget(offer),
      onAutoClose: () => this.#forget(offer),
    });
    const offer: Offer = { about, toastId, undo };
    this.#offers = [...this.#offers.filter((other) => other.about !== about), offer];
  }

  /** Takes back what was done last; `false` when nothing is offered any more. */
  takeLast(): boolean {
    const last = this.#offers.at(-1);
    if (!last) return false;
    this.#take(last);
    toast.dismiss(last.toastId);
    return true;
  }

  /** Once only: a key and the button may come together. */
  #take(offer: Offer): void {
    if (!this.#offers.includes(offer)) return;
    this.#forget(offer);
    offer.undo();
  }

  #forget(offer: Offer): void {
    this.#offers = this.#offers.filter((other) => other !== offer);
  }
}
