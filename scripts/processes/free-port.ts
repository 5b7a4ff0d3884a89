import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nobody listens on at the moment: any, or the one that is asked for. @throws what the system says of it */
export async function freePort(host = '127.0.0.1', port = 0): Promise<number> {
  const probe = createServer().listen(port, host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  return address.port;
}
