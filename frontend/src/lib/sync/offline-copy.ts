/** Tells the service worker which files this tab has loaded, so that they work offline too. */
export async function keepForOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { active } = await navigator.serviceWorker.ready;
  const paths = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
  // `postMessage` of a worker takes no target origin: it always has this page's origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  active?.postMessage([...new Set(paths)]);
}
