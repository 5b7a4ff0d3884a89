import type { Attachment } from 'svelte/attachments';

/** What has lines of text in it and no blocks: looking deeper would find words. */
const LINES = 'p, h2, h3, h4, h5, h6, pre, tr, summary';

/** What the reader looks at: the first element of a message at the upper edge, and where it stands in that message. */
interface Place {
  readonly message: Element;
  readonly element: Element;
  readonly offset: number;
  /** What follows, in case the element itself is replaced. */
  readonly below: Element | undefined;
  readonly belowOffset: number;
}

/**
 * Keeps in place what is read when something above it in the same message gets another height: a diagram replaces its
 * code, formulas are set, parts of a long text are drawn. The list takes care of other messages, and a browser's own
 * scroll anchoring, which not every browser has, would count both twice.
 */
export class ReadingPlace {
  #log: HTMLElement | undefined;
  #place: Place | undefined;
  readonly #isFollowing: () => boolean;

  /** `isFollowing`: the thread is kept at its end, and nowhere else. */
  constructor(isFollowing: () => boolean) {
    this.#isFollowing = isFollowing;
  }

  /** For the element that scrolls. */
  readonly attach: Attachment<HTMLElement> = (log) => {
    this.#log = log;
    const onScroll = (): void => {
      // What changed in this frame before the reader scrolled.
      if (this.#place && !this.#isFollowing()) this.#move(this.#shift(this.#place));
      this.#remember();
    };
    log.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      log.removeEventListener('scroll', onScroll);
      this.#log = this.#place = undefined;
    };
  };

  /** Called before the list moves its messages. Returns what is to be called when it has. */
  hold(): () => void {
    const place = this.#place;
    const before = place && topOf(place.message);
    return () => {
      const isThere = place !== undefined && before !== undefined && place.message.isConnected;
      if (isThere && !this.#isFollowing()) this.#move(this.#shift(place) + topOf(place.message) - before);
      this.#remember();
    };
  }

  #move(by: number): void {
    if (this.#log && Math.abs(by) >= 1) this.#log.scrollTop += by;
  }

  /** How far it has moved within its message. */
  #shift({ message, element, offset, below, belowOffset }: Place): number {
    if (element.isConnected) return offsetIn(message, element) - offset;
    return below?.isConnected ? offsetIn(message, below) - belowOffset : 0;
  }

  #remember(): void {
    const log = this.#log;
    this.#place = undefined;
    if (!log || this.#isFollowing()) return;
    const edge = topOf(log);
    for (const message of log.querySelectorAll('[data-message]')) {
      if (isAcross(message, edge)) this.#place = placeIn(message, edge);
    }
  }
}

function placeIn(message: Element, edge: number): Place {
  let element = message;
  let below: Element | undefined;
  for (;;) {
    const parts = element.matches(LINES) ? [] : [...element.children];
    const at = parts.findIndex((part) => part.getBoundingClientRect().bottom > edge);
    const part = parts[at];
    if (!part) break;
    below = parts.slice(at + 1).find((other) => other.getBoundingClientRect().height > 0) ?? below;
    element = part;
    if (!isAcross(part, edge)) break;
  }
  const belowOffset = below ? offsetIn(message, below) : 0;
  return { message, element, offset: offsetIn(message, element), below, belowOffset };
}

const topOf = (element: Element): number => element.getBoundingClientRect().top;
const offsetIn = (message: Element, element: Element): number => topOf(element) - topOf(message);

/** Whether it begins above the edge and ends below. */
function isAcross(element: Element, edge: number): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top < edge && bottom > edge;
}
