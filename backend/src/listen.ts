import { once } from 'node:events';
import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CannotStart } from './config/cannot-start.js';
import type { Config } from './config/config.js';
import { codeOf } from './config/system-reason.js';

/** Opens the port. @throws CannotStart with a sentence when the system does not give it */
export async function listen(app: NestExpressApplication, { host, port }: Config): Promise<void> {
  try {
    // Not by Nest's own way, which also writes a line into the log when it fails.
    await app.init();
    const server: Server = app.getHttpServer();
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const sentence = whyNot(codeOf(error), host, port);
    throw sentence === undefined ? error : new CannotStart(sentence, { cause: error });
  }
}

function whyNot(code: string, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken: another program listens there, maybe another Lockstep. Stop it, or choose another PORT.`;
    case 'EACCES':
    case 'EPERM':
      return `Port ${port} is not for the user that runs this: ports below 1024 are the administrator's. Choose another PORT, and put a proxy before it.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return `HOST: ${host} is no address of this machine. Take 127.0.0.1, or 0.0.0.0 for all that it has.`;
    default:
      return undefined;
  }
}
