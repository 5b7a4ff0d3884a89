import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestServer } from '../support/test-server.js';

describe('a server in production stops', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({
      NODE_ENV: 'production',
      APP_SECRET: 'a secret of thirty-two characters',
      PUBLIC_URL: 'https://chat.example.org',
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    '/api/docs',
    '/api/docs/',
    '/api/docs-json',
    '/api/docs-yaml',
    '/api/docs/swagger-ui-bundle.js',
    '/API/docs',
  ])('strangers, and admins, who read what there is to attack at %s', async (path) => {
    const admin = await server.signIn('Ada', 'admin');
    for (const who of [undefined, admin]) {
      const response = await server.fetch(path, who);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'not_found' });
    }
  });

  it('a local service, and says that there is none', async () => {
    expect((await server.fetch('/local/google/auth')).status).toBe(404);
    await expect((await server.fetch('/api/meta')).json()).resolves.toMatchObject({
      local: { provider: false, model: false },
    });
  });

  it.each(['/api/meta', '/health/live', '/nowhere'])('a foreign base of links, and a frame, at %s', async (path) => {
    const policy = (await server.fetch(path)).headers.get('content-security-policy');
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
  });
});
