import type { Attachment } from 'svelte/attachments';

/** What is nearer to the view than this is drawn. */
const MARGIN_PX = 1_000;

/** Tells of many things, each with an element of its own, whether they are near the view. */
export class NearView<Thing> {
  readonly #things = new WeakMap<Element, Thing>();
  readonly #tell: (thing: Thing, isNear: boolean) => void;
  #observer: IntersectionObserver | undefined;

  constructor(tell: (thing: Thing, isNear: boolean) => void) {
    this.#tell = tell;
  }

  readonly watch =
    (thing: Thing): Attachment<HTMLElement> =>
    (element) => {
      // The root must be named: a margin around the window would be clipped by the element that scrolls.
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
      if (thing) this.#tell(thing, isIntersecting);
    }
  }
}
