import type { Attachment } from 'svelte/attachments';

/** The last input device. `:focus-visible` is no proof: it stays on a button that is then clicked. */
class LastInput {
  isKey = false;

  constructor() {
    addEventListener('keydown', () => (this.isKey = true), { capture: true });
    addEventListener('pointerdown', () => (this.isKey = false), { capture: true });
  }
}

export const lastInput = new LastInput();

/** Opens a button's menu with the arrow keys, as keyboard users expect. */
export function opensByArrows(open: (button: HTMLElement) => void): Attachment<HTMLElement> {
  return (element) => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.key !== 'ArrowDown' && event.key !== 'ArrowUp') || event.altKey || event.ctrlKey || event.metaKey) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      open(element);
    };
    element.addEventListener('keydown', onKey);
    return () => element.removeEventListener('keydown', onKey);
  };
}
