import { lookup } from 'node:dns/promises';
import { RequestFilteringHttpAgent } from 'request-filtering-agent';
import { within } from '../../common/within.js';
import { ChatError } from '../../protocol/index.js';

const LOOKUP_MS = 5_000;

const agent = new RequestFilteringHttpAgent();

/**
 * Returns the address of a webhook as it is stored. Whether it is public is checked here so that its user learns it at
 * once; what counts is the check of each request, since a name may lead elsewhere later.
 * @throws ChatError `bad_request` when it is not https, contains a password, cannot be found or is not public
 */
export async function acceptedUrl(text: string, allowsPrivate: boolean): Promise<string> {
  const url = URL.parse(text);
  if (!url) throw refused('is not an address');
  if (url.protocol !== 'https:' && !(allowsPrivate && url.protocol === 'http:'))
    throw refused('must begin with https:');
  // It would be shown in lists.
  if (url.username !== '' || url.password !== '') throw refused('must not contain a user name or a password');
  url.hash = '';
  if (!allowsPrivate) await refusePrivate(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  return url.href;
}

async function refusePrivate(host: string): Promise<void> {
  const found = await addressesOf(host);
  if (found.length === 0) throw refused('the host cannot be found');
  if (!found.every(isPublic)) throw refused('leads to an address that is not public');
}

async function addressesOf(host: string): Promise<readonly string[]> {
  let found: readonly string[] = [];
  const work = lookup(host, { all: true }).then(
    (addresses) => (found = addresses.map(({ address }) => address)),
    () => undefined,
  );
  await within(LOOKUP_MS, work);
  return found;
}

/** By the rule of the library that sends, which refuses an address before it connects; nothing is sent here. */
function isPublic(address: string): boolean {
  let isRefused = false;
  const socket = agent.createConnection({ host: address, port: 443 }, (error) => (isRefused = error !== null));
  socket.on('error', () => undefined).destroy();
  return !isRefused;
}

const refused = (reason: string): ChatError => new ChatError('bad_request', `url: ${reason}`, { param: 'url' });
