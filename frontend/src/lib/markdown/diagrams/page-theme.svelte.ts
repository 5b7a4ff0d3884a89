import { createSubscriber } from 'svelte/reactivity';

/** Whether the page is dark, by the class that its root bears: this folder does not know who chooses. */
class PageTheme {
  readonly #subscribe = createSubscriber((update) => {
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributeFilter: ['class'] });
    return () => observer.disconnect();
  });

  get isDark(): boolean {
    this.#subscribe();
    return document.documentElement.classList.contains('dark');
  }
}

export const pageTheme = new PageTheme();
