import { tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/** Nearer to the end than this counts as being there. */
const NEAR_END_PX = 48;

/** Keeps a growing thread at its end, until the reader scrolls up; gets them back on demand. */
export class StickToEnd {
  isAtEnd = $state(true);
  /** The end can be seen, or nearly: also where the thread fits, and does not follow. */
  isEndInView = $state(true);
  #element: HTMLElement | undefined;
  readonly #sizes = new ResizeObserver(() => {
    this.#toEndNow();
    this.#look();
  });

  /** For the element that scrolls. */
  readonly attach: Attachment<HTMLElement> = (element) => {
    this.#element = element;
    let lastTop = element.scrollTop;
    const onScroll = (): void => {
      this.#look();
      if (this.isEndInView) this.isAtEnd = true;
      // Content that shrinks moves the end as well: only going up is the reader's doing.
      else if (element.scrollTop < lastTop - 1) this.isAtEnd = false;
      lastTop = element.scrollTop;
    };
    const onWheel = ({ deltaY }: WheelEvent): void => {
      if (deltaY < 0 && element.scrollHeight > element.clientHeight) this.isAtEnd = false;
    };
    this.#sizes.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    this.#toEndNow();
    return () => {
      this.#sizes.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
      this.#element = undefined;
    };
  };

  /** For content whose size nobody else tells about. */
  readonly watch: Attachment<HTMLElement> = (element) => {
    this.#sizes.observe(element);
    return () => this.#sizes.unobserve(element);
  };

  /** Called when content has got another size: before the next paint the end is in view again, if it was. */
  async follow(): Promise<void> {
    await tick();
    this.#toEndNow();
    this.#look();
  }

  toEnd(behavior: ScrollBehavior = 'smooth'): void {
    this.isAtEnd = true;
    this.#element?.scrollTo({ top: this.#element.scrollHeight, behavior });
  }

  /** The thread will be somewhere else, and is to stay there. */
  letGo(): void {
    this.isAtEnd = false;
  }

  #look(): void {
    const element = this.#element;
    if (element) this.isEndInView = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
  }

  #toEndNow(): void {
    if (this.isAtEnd && this.#element) this.#element.scrollTop = this.#element.scrollHeight;
  }
}
