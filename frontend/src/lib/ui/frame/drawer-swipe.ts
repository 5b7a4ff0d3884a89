import type { Attachment } from 'svelte/attachments';

/** A swipe that begins within this distance of the edge opens the drawer. */
const EDGE_PX = 28;
const DISTANCE_PX = 48;

/** Opens the drawer with a swipe from the left edge, and closes it with a swipe to the left. */
export function drawerSwipe(isOpen: () => boolean, change: (isOpen: boolean) => void): Attachment<HTMLElement> {
  return (element) => {
    let start: Touch | undefined;
    const onStart = ({ touches }: TouchEvent): void => {
      const touch = touches.length === 1 ? touches[0] : undefined;
      start = touch && (isOpen() || touch.clientX <= EDGE_PX) ? touch : undefined;
    };
    const onMove = ({ touches: [touch] }: TouchEvent): void => {
      if (!start || !touch) return;
      const across = touch.clientX - start.clientX;
      const down = Math.abs(touch.clientY - start.clientY);
      if (down > Math.abs(across)) start = undefined;
      else if (Math.abs(across) >= DISTANCE_PX) {
        start = undefined;
        change(across > 0);
      }
    };
    element.addEventListener('touchstart', onStart, { passive: true });
    element.addEventListener('touchmove', onMove, { passive: true });
    return () => {
      element.removeEventListener('touchstart', onStart);
      element.removeEventListener('touchmove', onMove);
    };
  };
}
