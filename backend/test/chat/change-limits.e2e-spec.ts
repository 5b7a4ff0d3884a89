import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHANGES } from '../../src/limits/policy.js';
import { RateLimits } from '../../src/limits/rate-limits.js';
import { TestServer } from '../support/test-server.js';

describe('changes over HTTP', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ['of a conversation', 'PATCH', '/api/conversations/', { title: 'Mine' }],
    ['that delete a conversation', 'DELETE', '/api/conversations/', undefined],
    ['of an account by an admin', 'PATCH', '/api/admin/users/', { disabled: true }],
  ])('%s are limited to 600 a minute for each user, from loopback too', async (_what, method, path, body) => {
    const [busy, other] = [await server.signIn('Busy', 'admin'), await server.signIn('Other', 'admin')];
    const change = async (who: typeof busy): Promise<number> => {
      const init = { method, ...(body && { body: JSON.stringify(body) }) };
      return (await server.fetch(`${path}${randomUUID()}`, who, init)).status;
    };
    expect(await change(busy)).toBe(404);
    // Counts the next 598 changes at once, without the requests.
    const limits = server.get(RateLimits);
    await Promise.all(Array.from({ length: 598 }, () => limits.take(CHANGES, busy.userId)));
    expect(await change(busy)).toBe(404);
    expect(await change(busy)).toBe(429);
    expect(await change(other)).toBe(404);
  });
});
