import type { Attachment } from 'svelte/attachments';
import type { Picture } from './diagram-picture.ts';
import { diagrams } from '../loading/lazy-modules.ts';

/** The picture of one diagram: drawn once its place comes into view, and again when what it shows changes. */
export class Diagram {
  picture = $state.raw<Picture>();
  /** The text is no diagram: it is shown as what it is. */
  hasFailed = $state(false);
  isInView = $state(false);
  #wanted = 0;

  readonly watch: Attachment<HTMLElement> = (element) => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        this.isInView = true;
        observer.disconnect();
      },
      // Ready a moment before it is seen. The root must be named: see `NearView`.
      { root: element.closest('[role="log"]'), rootMargin: '300px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  };

  /** Draws `code`. Of several drawings under way the last one counts; the picture before stays until then. */
  async draw(code: string, isDark: boolean): Promise<void> {
    this.#wanted += 1;
    const wanted = this.#wanted;
    await diagrams.load();
    // Not loaded: the code stays in view.
    const renderer = diagrams.current;
    if (!renderer || wanted !== this.#wanted) return;
    const kept = renderer.keptPicture(code, isDark);
    if (kept) {
      this.#show(kept);
      return;
    }
    try {
      const picture = await renderer.drawDiagram(code, isDark);
      if (wanted === this.#wanted) this.#show(picture);
    } catch (cause) {
      if (wanted !== this.#wanted) return;
      console.debug('A diagram could not be drawn.', cause);
      this.picture = undefined;
      this.hasFailed = true;
    }
  }

  /** Calls off what is being drawn. */
  cancel(): void {
    this.#wanted += 1;
  }

  #show(picture: Picture): void {
    this.picture = picture;
    this.hasFailed = false;
  }
}
