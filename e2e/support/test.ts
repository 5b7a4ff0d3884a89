import { test as base } from '@playwright/test';
import { type Environment, LockstepServer } from './lockstep-server.ts';

interface TestFixtures {
  /** Starts an installation for this test alone; it is gone afterwards. */
  readonly startServer: (environment?: Environment) => Promise<LockstepServer>;
}

interface WorkerFixtures {
  /** One installation for all tests that leave it as they found it; each brings people of its own. */
  readonly server: LockstepServer;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    // Playwright reads from the first parameter what a fixture needs; nothing here.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await LockstepServer.start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  // oxlint-disable-next-line no-empty-pattern
  startServer: async ({}, use) => {
    const started: LockstepServer[] = [];
    await use(async (environment) => {
      const server = await LockstepServer.start(environment);
      started.push(server);
      return server;
    });
    await Promise.all(started.map((server) => server.dispose()));
  },
});

export { expect } from '@playwright/test';
