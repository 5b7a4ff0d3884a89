import { once } from 'node:events';
import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CannotStart } from './config/checks/cannot-start.js';
import type { Config } from './config/config.js';
import { portRefusal } from './config/checks/port-refusal.js';
import { codeOf } from './config/checks/system-reason.js';

/** Opens the port. @throws CannotStart with a sentence when the system does not give it */
export async function listen(app: NestExpressApplication, { host, port }: Config): Promise<void> {
  try {
    // Not by Nest's own way, which also writes a line into the log when it fails.
    await app.init();
    const server: Server = app.getHttpServer();
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const sentence = portRefusal(codeOf(error), host, port);
    throw sentence === undefined ? error : new CannotStart(sentence, { cause: error });
  }
}
