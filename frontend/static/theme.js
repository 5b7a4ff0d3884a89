// Runs before the first paint, so that a dark page does not flash white. lib/theme.svelte.ts takes over from here.
(() => {
  let choice = 'system';
  try {
    choice = localStorage.getItem('lockstep.theme') ?? 'system';
  } catch (error) {
    console.debug('The theme cannot be read: storage is blocked.', error);
  }
  const isDark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', isDark);
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', isDark ? '#16171a' : '#fcfcfd');

  // While servers are upgraded one after the other, this document may come from one and its scripts from another, which
  // does not have them. Nothing is lost before the page is drawn, so it is loaded again, a few times at most.
  const [KEY, MOST, PAUSE_MS] = ['lockstep.loaded-again', 5, 1_000];
  let isLoadingAgain = false;
  const loadAgain = () => {
    if (isLoadingAgain || !document.getElementById('splash')) return;
    isLoadingAgain = true;
    document.getElementById('splash-way')?.removeAttribute('hidden');
    try {
      const times = Number(sessionStorage.getItem(KEY) ?? 0);
      if (times >= MOST) return;
      sessionStorage.setItem(KEY, String(times + 1));
      setTimeout(() => location.reload(), PAUSE_MS);
    } catch (error) {
      console.debug('The page is not loaded again by itself: storage is blocked.', error);
    }
  };
  addEventListener('unhandledrejection', loadAgain);
  // An error of an element does not bubble.
  addEventListener('error', ({ target }) => target instanceof HTMLLinkElement && loadAgain(), true);

  // After this time a part of the page has probably failed to load, so offer to reload.
  setTimeout(() => document.getElementById('splash-way')?.removeAttribute('hidden'), 12_000);
})();
