import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mountStandIns } from '../../dev/stand-ins.js';
import type { Config } from '../../src/config/config.js';
import { readConfig } from '../../src/config/read-config.js';

export interface ServedStandIns extends AsyncDisposable {
  readonly config: Config;
}

/** Serves the stand-ins alone on a free port, configured as on a machine without keys. */
export async function serveStandIns(env: Record<string, string> = {}): Promise<ServedStandIns> {
  const app = new ExpressAdapter().getInstance<Express>();
  app.set('trust proxy', 'loopback');
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = readConfig({
    APP_SECRET: 'a secret of thirty-two characters',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...env,
  });
  await mountStandIns(app, config);
  return {
    config,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
