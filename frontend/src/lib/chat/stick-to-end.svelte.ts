import { tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/** Nearer to the end than this counts as being there. */
const NEAR_END_PX = 48;

/** Keeps a growing thread at its end, until the reader scrolls up; gets them back on demand. */
export class StickToEnd {
  isAtEnd = $state(true);
  #element: HTMLElement | undefined;

  readonly attach: Attachment<HTMLElement> = (element) => {
    this.#element = element;
    let lastTop = element.scrollTop;
    const onScroll = (): void => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      if (distance < NEAR_END_PX) this.isAtEnd = true;
      // Content that shrinks moves the end as well: only going up is the reader's doing.
      else if (element.scrollTop < lastTop - 1) this.isAtEnd = false;
      lastTop = element.scrollTop;
    };
    const onWheel = ({ deltaY }: WheelEvent): void => {
      if (deltaY < 0 && element.scrollHeight > element.clientHeight) this.isAtEnd = false;
    };
    const sizes = new ResizeObserver(() => {
      if (this.isAtEnd) element.scrollTop = element.scrollHeight;
    });
    sizes.observe(element);
    if (element.firstElementChild) sizes.observe(element.firstElementChild);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    element.scrollTop = element.scrollHeight;
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
      this.#element = undefined;
    };
  };

  toEnd(behavior: ScrollBehavior = 'smooth'): void {
    this.isAtEnd = true;
    this.#element?.scrollTo({ top: this.#element.scrollHeight, behavior });
  }

  /** Called right before content is added above: once it is drawn, what is read is back where it was. */
  async holdPosition(): Promise<void> {
    const element = this.#element;
    if (!element || this.isAtEnd) return;
    const fromEnd = element.scrollHeight - element.scrollTop;
    await tick();
    element.scrollTop = element.scrollHeight - fromEnd;
  }
}
