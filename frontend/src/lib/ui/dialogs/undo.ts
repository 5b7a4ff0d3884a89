import { toast } from 'svelte-sonner';
import { m } from '#lib/language/messages.svelte.ts';

/** How long undo is offered; much shorter than the server keeps the deleted data. */
const UNDO_MS = 10_000;

interface Offer {
  readonly about: string;
  readonly toastId: string | number;
  readonly undo: () => void;
}

/** Actions that can be undone while their toast is shown: with its button, or with the undo shortcut. */
export class UndoOffers {
  #offers: readonly Offer[] = [];

  /** Offers to undo `what`, which was done to `name`. An earlier offer about the same id is withdrawn. */
  offer(about: string, what: string, name: string, undo: () => void): void {
    for (const earlier of this.#offers.filter((other) => other.about === about)) toast.dismiss(earlier.toastId);
    const toastId = toast(what, {
      description: name,
      duration: UNDO_MS,
      action: { label: m.action_undo(), onClick: () => this.#undo(offer) },
      onDismiss: () => this.#forget(offer),
      onAutoClose: () => this.#forget(offer),
    });
    const offer: Offer = { about, toastId, undo };
    this.#offers = [...this.#offers.filter((other) => other.about !== about), offer];
  }

  /** Undoes the last action; `false` if there is no offer. */
  undoLast(): boolean {
    const last = this.#offers.at(-1);
    if (!last) return false;
    this.#undo(last);
    toast.dismiss(last.toastId);
    return true;
  }

  /** Runs once: shortcut and button may be used together. */
  #undo(offer: Offer): void {
    if (!this.#offers.includes(offer)) return;
    this.#forget(offer);
    offer.undo();
  }

  #forget(offer: Offer): void {
    this.#offers = this.#offers.filter((other) => other !== offer);
  }
}
