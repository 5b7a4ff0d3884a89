import { randomBytes } from 'node:crypto';
import { type Asked, ask, networkReason } from '../ask.js';
import { type Found, ok, problem } from '../findings.js';

/** Where the page connects; Engine.IO's protocol 4. */
const PATH = '/socket.io/?EIO=4&transport=websocket';

/** Opens a WebSocket as a browser does at this address, up to the first packet of the server. */
export async function checkWebSocket(url: string, signal: AbortSignal): Promise<Found> {
  try {
    return view(url, await open(url, signal));
  } catch (error) {
    return problem('web_socket_blocked', { url, reason: networkReason(error) });
  }
}

const open = (url: string, signal: AbortSignal): Promise<Asked> =>
  ask(new URL(PATH, url), {
    signal,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      Origin: url,
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    },
  });

function view(url: string, { status, text }: Asked): Found {
  if (status === 403) return problem('origin_refused', { url });
  if (status !== 101) return problem('web_socket_blocked', { url, reason: `status ${status} instead of 101` });
  // Engine.IO's first packet tells the id of the connection.
  if (text.includes('"sid"')) return ok('web_socket_ok', { url });
  return problem('web_socket_blocked', { url, reason: 'the connection is opened, but nothing passes' });
}
