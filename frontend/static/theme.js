// Runs before the first paint, so that a dark page never flashes white. lib/theme.svelte.ts takes over from here.
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

  // Whoever waits for so long waits for something that does not come: a part of the page could not be loaded.
  setTimeout(() => document.getElementById('splash-way')?.removeAttribute('hidden'), 12_000);
})();
