/** Tells the service worker which parts this tab has loaded, so that they are there without a network as well. */
export async function keepForOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { active } = await navigator.serviceWorker.ready;
  const paths = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
  // A worker has no origin to name: it is this page's own.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  active?.postMessage([...new Set(paths)]);
}
