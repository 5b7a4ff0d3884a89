import { expect, it } from '@jest/globals';
import { closeLeftServers, TestServer } from './test-server.js';

it('a server that a test has left behind is ended with its file', async () => {
  const { url } = await TestServer.start();
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  await closeLeftServers();
  await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
});
