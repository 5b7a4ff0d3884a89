import { once } from 'node:events';
import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CannotStart } from './config/checks/cannot-start.js';
import type { Config } from './config/config.js';
import { portRefusal } from './config/checks/port-refusal.js';
import { codeOf } from './config/checks/system-reason.js';

/** Listens on the port. @throws CannotStart when the system refuses the port */
export async function listen(app: NestExpressApplication, { host, port }: Config): Promise<void> {
  try {
    // Not by `app.listen`, which also logs the error.
    await app.init();
    const server: Server = app.getHttpServer();
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const sentence = portRefusal(codeOf(error), host, port);
    throw sentence === undefined ? error : new CannotStart(sentence, { cause: error });
  }
}
