import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compileFunction } from 'node:vm';
import { expect, it } from '@jest/globals';
import express from 'express';
import { Webhook } from 'standardwebhooks';
import { says } from '../../testing/model/script.js';
import { begin } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { addWebhook, ask } from './webhook-receiver.js';

/** The example of docs/programs.md, as a function of what it imports and of its surroundings. */
function exampleOf(document: string): (...given: unknown[]) => void {
  const [, code] = /```js\n(import express[^]*?)```/.exec(readFileSync(document, 'utf8')) ?? [];
  if (code === undefined) throw new Error('There is no example');
  const body = code.replaceAll(/^import .*$/gm, '');
  return compileFunction(body, ['express', 'Webhook', 'process', 'console']) as (...given: unknown[]) => void;
}

it('the example of a receiver accepts what Lockstep sends, and nothing else', async () => {
  await using server = await TestServer.start({ WEBHOOK_PRIVATE: 'on' });
  const ada = await server.signIn('Ada');
  const logged: string[] = [];
  let listening: Server | undefined;
  /** Express, on a free port. */
  const anywhere = Object.assign(
    () => {
      const app = express();
      return { post: app.post.bind(app), listen: () => (listening = app.listen(0, '127.0.0.1')) };
    },
    { text: express.text },
  );
  const { id, secret } = await addWebhook(server, ada, 'http://127.0.0.1:1/');
  const console = { log: (type: string) => logged.push(type) };
  exampleOf('docs/programs.md')(anywhere, Webhook, { env: { LOCKSTEP_WEBHOOK_SECRET: secret } }, console);
  if (!listening) throw new Error('the example does not listen');
  await once(listening, 'listening');
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/lockstep`;
  await ask(server, ada, 'PATCH', `/${id}`, { url });

  server.model.next(says(['Hello']));
  await begin(await server.connect(ada));
  await until(() => logged.length === 1, 'the example has received the event');
  expect(logged).toEqual(['run.finished']);
  const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1', 'webhook-timestamp': '1' };
  const forged = await fetch(url, { method: 'POST', body: '{"type":"run.finished"}', headers });
  expect(forged.status).toBe(401);
  listening.closeAllConnections();
  listening.close();
});
