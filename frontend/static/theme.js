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

  // After this time a part of the page has probably failed to load, so offer to reload.
  setTimeout(() => document.getElementById('splash-way')?.removeAttribute('hidden'), 12_000);
})();
