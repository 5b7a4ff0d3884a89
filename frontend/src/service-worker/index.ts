/*
 * Makes the page installable, and lets it open offline: the page then says that it is offline, keeps drafts and sends
 * messages later. Responses of the API are never cached.
 */
const worker = self as unknown as ServiceWorkerGlobalScope;

const CACHE = 'page';
const INDEX = '/index.html';
/** URLs that contain a hash of their content. */
const IMMUTABLE = '/_app/immutable/';
/** More than two whole builds: a tab of the previous build must find its chunks after an update of the server. */
const MAX_ENTRIES = 400;
/** Paths that the server handles; all others belong to the page's router. */
const SERVERS_OWN = /^\/(api|socket\.io|health|metrics|local)\b/;

worker.addEventListener('install', (event) => {
  event.waitUntil(keep(new Request(INDEX)).then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(worker.clients.claim());
});

/** The page sends the URLs that it had loaded before this worker was active. */
worker.addEventListener('message', (event: ExtendableMessageEvent) => {
  if (!Array.isArray(event.data)) return;
  const paths = event.data.filter((path): path is string => typeof path === 'string' && path.startsWith(IMMUTABLE));
  event.waitUntil(Promise.all(paths.map((path) => fromCacheFirst(new Request(path)))));
});

/** A notification opens its conversation: in an existing tab, or in a new one. */
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path } = event.notification.data as { readonly path: string };
  event.waitUntil(open(path));
});

async function open(path: string): Promise<void> {
  const [tab] = await worker.clients.matchAll({ type: 'window' });
  if (!tab) {
    await worker.clients.openWindow(path);
    return;
  }
  await tab.focus();
  await tab.navigate(path);
}

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin || SERVERS_OWN.test(pathname)) return;
  if (pathname.startsWith(IMMUTABLE)) event.respondWith(fromCacheFirst(request));
  else if (request.mode === 'navigate' && !pathname.includes('.'))
    event.respondWith(fromNetworkFirst(request, new Request(INDEX)));
  else event.respondWith(fromNetworkFirst(request, request));
});

async function fromCacheFirst(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE })) ?? (await keep(request));
}

/** The network comes first, so that a new build is used at once; the copy is for offline use. */
async function fromNetworkFirst(request: Request, key: Request): Promise<Response> {
  try {
    return await keep(request, key);
  } catch (error) {
    const copy = await caches.match(key, { cacheName: CACHE });
    if (copy) return copy;
    throw error;
  }
}

async function keep(request: Request, key = request): Promise<Response> {
  const response = await fetch(request);
  if (!response.ok || response.redirected) return response;
  const cache = await caches.open(CACHE);
  await cache.put(key, response.clone());
  const entries = await cache.keys();
  // `keys()` returns entries in insertion order: the oldest come first.
  for (const entry of entries.slice(0, Math.max(0, entries.length - MAX_ENTRIES))) await cache.delete(entry);
  return response;
}
