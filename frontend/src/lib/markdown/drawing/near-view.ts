import type { Attachment } from 'svelte/attachments';

/** Elements within this distance of the view are drawn. */
const MARGIN_PX = 1_000;

/** Reports for many items, each with an element, whether they are near the view. */
export class NearView<Thing> {
  readonly #things = new WeakMap<Element, Thing>();
  readonly #onChange: (thing: Thing, isNear: boolean) => void;
  #observer: IntersectionObserver | undefined;

  constructor(onChange: (thing: Thing, isNear: boolean) => void) {
    this.#onChange = onChange;
  }

  readonly watch =
    (thing: Thing): Attachment<HTMLElement> =>
    (element) => {
      // `root` must be set: the scrolling element would clip a margin around the window.
      this.#observer ??= new IntersectionObserver((entries) => this.#report(entries), {
        root: element.closest('[role="log"]'),
        rootMargin: `${MARGIN_PX}px 0px`,
      });
      this.#things.set(element, thing);
      this.#observer.observe(element);
      return () => this.#observer?.unobserve(element);
    };

  #report(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const thing = this.#things.get(target);
      if (thing) this.#onChange(thing, isIntersecting);
    }
  }
}
