import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AttemptCounts } from '../../src/auth/limits/attempt-counts.js';
import { TestServer } from '../support/test-server.js';

describe('changes over HTTP', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(() => {
    jest.restoreAllMocks();
  });

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
    // Counts the next 598 attempts at once, without the requests.
    const increment = jest.spyOn(AttemptCounts.prototype, 'increment');
    increment.mockImplementationOnce(async function (this: AttemptCounts, ...of) {
      for (let n = 0; n < 598; n++) await this.increment(...of);
      return this.increment(...of);
    });
    expect(await change(busy)).toBe(404);
    expect(await change(busy)).toBe(429);
    expect(await change(other)).toBe(404);
  });
});
