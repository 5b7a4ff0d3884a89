import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mountLocalServices } from '../../dev/local-services.js';
import type { LocalConfig } from '../../dev/provider/local-provider.js';
import { readConfig } from '../../src/config/read-config.js';

export interface ServedLocalServices extends AsyncDisposable {
  readonly config: LocalConfig;
}

/** Serves only the local services on a free port, configured as without keys. */
export async function serveLocalServices(env: Record<string, string> = {}): Promise<ServedLocalServices> {
  const app = new ExpressAdapter().getInstance<Express>();
  app.set('trust proxy', 'loopback');
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { google, ...config } = readConfig({
    APP_SECRET: 'a secret of thirty-two characters',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...env,
  });
  if (!google) throw new Error('The local provider is not configured');
  const local = { ...config, google };
  await mountLocalServices(app, local);
  return {
    config: local,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
