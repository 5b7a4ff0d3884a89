import { tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/** A shorter distance counts as being at the end. */
const NEAR_END_PX = 48;

/** Keeps a growing thread scrolled to its end until the user scrolls up; `toEnd` returns there. */
export class StickToEnd {
  isAtEnd = $state(true);
  /** Whether the end is visible, or nearly; unlike `isAtEnd` it does not say whether the thread follows. */
  isEndInView = $state(true);
  #element: HTMLElement | undefined;
  readonly #sizes = new ResizeObserver(() => {
    this.#toEndNow();
    this.#look();
  });

  /** Attach it to the element that scrolls. */
  readonly attach: Attachment<HTMLElement> = (element) => {
    this.#element = element;
    let lastTop = element.scrollTop;
    const onScroll = (): void => {
      this.#look();
      if (this.isEndInView) this.isAtEnd = true;
      // Shrinking content moves the end too: only scrolling up is done by the user.
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

  /** Attach it to content that changes its size without calling `follow`. */
  readonly watch: Attachment<HTMLElement> = (element) => {
    this.#sizes.observe(element);
    return () => this.#sizes.unobserve(element);
  };

  /** Call it after content changed its size: if the end was in view, it is again before the next paint. */
  async follow(): Promise<void> {
    await tick();
    this.#toEndNow();
    this.#look();
  }

  toEnd(behavior: ScrollBehavior = 'smooth'): void {
    this.isAtEnd = true;
    this.#element?.scrollTo({ top: this.#element.scrollHeight, behavior });
  }

  /** Stops following: the thread is about to be scrolled elsewhere. */
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
