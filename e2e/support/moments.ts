import type { Page } from '@playwright/test';

/** The time at which a text appears in a page, or disappears, by the clock of the page. Call the result to wait for it. */
export async function momentOf(page: Page, text: string, isThere = true): Promise<() => Promise<number>> {
  const seen = await page.evaluateHandle(
    ([wanted, wish]) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const look = (): void => {
        if (document.body.textContent.includes(wanted) === wish) resolve(Date.now());
      };
      look();
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
      return { promise };
    },
    [text, isThere] as const,
  );
  return () => seen.evaluate(({ promise }) => promise);
}

/** How long after an action a text appears in all of these pages, or disappears from them, in milliseconds. */
export async function delayOf(
  pages: readonly Page[],
  text: string,
  act: () => Promise<number>,
  isThere = true,
): Promise<number> {
  const moments = await Promise.all(pages.map((page) => momentOf(page, text, isThere)));
  const at = await act();
  const seen = await Promise.all(moments.map((moment) => moment()));
  return Math.max(...seen) - at;
}
