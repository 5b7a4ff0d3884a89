import { once } from 'node:events';
import { type IncomingMessage, get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { isLocalHost } from '../../config/local-address.js';
import { PICTURE_TYPES, type PictureType, pictureType } from './picture-type.js';

const DEADLINE_MS = 5_000;
const MAX_BYTES = 2 ** 20;
const MAX_REDIRECTS = 3;

export interface FetchedPicture {
  readonly contentType: PictureType;
  readonly bytes: Buffer;
}

export interface PictureRequestOptions {
  /** Whether the address may be one of this machine, without encryption: that of the local provider. */
  readonly allowsLocal: boolean;
  readonly signal: AbortSignal;
}

/** A picture that cannot be used; the message says why, without its address. */
class PictureRefused extends Error {
  override readonly name = 'PictureRefused';
}

/**
 * Refuses to connect to addresses that are not public (private, loopback, link-local, reserved). It checks the address
 * that a name resolves to, and connects to the same one, so a name cannot be changed in between.
 */
const publicHosts = new RequestFilteringHttpsAgent({ keepAlive: false });

/** Whether a picture may be fetched from an address. */
export const isPictureUrl = ({ protocol, hostname }: URL, allowsLocal: boolean): boolean =>
  protocol === 'https:' || (allowsLocal && protocol === 'http:' && isLocalHost(hostname));

/**
 * Fetches a picture of at most 1 MiB within five seconds. The address comes from the provider, and on many providers
 * from its users: it must not lead into the server's own network, and neither must its redirects.
 * @throws PictureRefused when the address, the answer or the picture is not acceptable; network errors as they are
 */
export async function fetchPicture(address: string, options: PictureRequestOptions): Promise<FetchedPicture> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(DEADLINE_MS)]);
  const response = await follow(new URL(address), { ...options, signal });
  try {
    const bytes = await read(response);
    const contentType = pictureType(bytes);
    if (!contentType) throw new PictureRefused('it is neither PNG, JPEG, WebP nor GIF');
    return { contentType, bytes };
  } finally {
    response.destroy();
  }
}

async function follow(first: URL, { allowsLocal, signal }: PictureRequestOptions): Promise<IncomingMessage> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (!isPictureUrl(url, allowsLocal)) throw new PictureRefused('its address is not encrypted');
    const response = await ask(url, allowsLocal, signal);
    const { statusCode: status = 0, headers } = response;
    if (status === 200) return response;
    response.destroy();
    if (status < 300 || status > 399 || headers.location === undefined) {
      throw new PictureRefused(`the answer has the status ${status}`);
    }
    const next = URL.parse(headers.location, url.href);
    if (!next) throw new PictureRefused('it redirects to an address that is none');
    url = next;
  }
  throw new PictureRefused('it redirects too often');
}

async function ask(url: URL, allowsLocal: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = { accept: PICTURE_TYPES.join(', '), 'accept-encoding': 'identity' };
  const isLocal = allowsLocal && url.protocol === 'http:';
  const request = isLocal
    ? getHttp(url, { agent: false, headers, signal })
    : getHttps(url, { agent: publicHosts, headers, signal });
  // `once` rejects with the error of the request.
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new PictureRefused(`it has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
