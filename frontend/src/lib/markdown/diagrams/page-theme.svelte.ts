import { createSubscriber } from 'svelte/reactivity';

/** Whether the page is dark, read from the class of its root: this folder does not import the theme setting. */
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
