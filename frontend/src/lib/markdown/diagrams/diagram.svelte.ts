import type { Attachment } from 'svelte/attachments';
import type { Picture } from './diagram-picture.ts';
import { diagrams } from '../loading/lazy-modules.ts';

/** The image of one diagram: drawn when it comes into view, and again when its code or the theme changes. */
export class Diagram {
  picture = $state.raw<Picture>();
  /** The text is not a valid diagram: its code is shown. */
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
      // Ready a moment before it is visible. `root` must be set: see `NearView`.
      { root: element.closest('[role="log"]'), rootMargin: '300px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  };

  /** Draws `code`. Of several drawings in progress the last one wins; the previous image stays until then. */
  async draw(code: string, isDark: boolean): Promise<void> {
    this.#wanted += 1;
    const wanted = this.#wanted;
    await diagrams.load();
    // If loading failed, the code stays in view.
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

  /** Cancels the drawing in progress. */
  cancel(): void {
    this.#wanted += 1;
  }

  #show(picture: Picture): void {
    this.picture = picture;
    this.hasFailed = false;
  }
}
