import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestServer } from '../support/test-server.js';

describe('a path of the server', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start({ METRICS_TOKEN: 'a-token-for-prometheus' })));
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ['/api/v1/models', 'GET'],
    ['/chat/completions', 'POST'],
    ['/.well-known/openid-configuration', 'GET'],
    ['/graphql', 'POST'],
    ['/api', 'GET'],
    ['/api/', 'GET'],
    ['/api/nothing', 'DELETE'],
    ['/api/conversations/1/2/3', 'GET'],
    ['/healthy', 'GET'],
    ['/wp-login.php', 'GET'],
  ])('answers 404 with a problem document if it does not exist: %s', async (path, method) => {
    const response = await server.fetch(path, undefined, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([404, null]);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    await expect(response.json()).resolves.toMatchObject({ status: 404, code: 'not_found', title: 'not found' });
  });

  it.each([
    ['/api/chat', 'GET', 'POST'],
    ['/api/chat/', 'PUT', 'POST'],
    ['/API/Chat', 'DELETE', 'POST'],
    ['/api/meta', 'POST', 'GET, HEAD'],
    ['/api/models', 'DELETE', 'GET, HEAD'],
    ['/api/profile/me', 'POST', 'DELETE, GET, HEAD, PATCH'],
    ['/api/conversations/01a202d5-c4d5-7619-b6b4-96e984500513', 'PUT', 'DELETE, GET, HEAD, PATCH'],
    ['/api/auth/refresh', 'GET', 'POST'],
    ['/api/auth/sessions/01a202d5-c4d5-7619-b6b4-96e984500513', 'GET', 'DELETE'],
    ['/api/admin/users', 'POST', 'GET, HEAD'],
    ['/health/live', 'POST', 'GET, HEAD'],
    ['/metrics', 'POST', 'GET, HEAD'],
    ['/api/docs-json', 'POST', 'GET, HEAD'],
  ])('answers 405 with the allowed methods: %s by %s', async (path, method, allow) => {
    const response = await server.fetch(path, undefined, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    await expect(response.json()).resolves.toMatchObject({
      status: 405,
      title: 'method not allowed',
      code: 'bad_request',
      requestId: response.headers.get('x-request-id'),
    });
    const options = await server.fetch(path, undefined, { method: 'OPTIONS' });
    expect([options.ok, options.headers.get('allow')]).toEqual([true, allow]);
  });

  it('accepts HEAD where it accepts GET', async () => {
    for (const path of ['/health/live', '/api/meta']) {
      const response = await server.fetch(path, undefined, { method: 'HEAD' });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
  });
});
