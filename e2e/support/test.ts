import { test as base } from '@playwright/test';
import { type Environment, LockstepServer } from './lockstep-server.ts';

interface TestFixtures {
  /** Starts an installation for this test only; it is removed afterwards. */
  readonly startServer: (environment?: Environment) => Promise<LockstepServer>;
}

interface WorkerFixtures {
  /** One installation for all tests that leave it unchanged; each has its own users. */
  readonly server: LockstepServer;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    // Playwright derives the fixtures from the first parameter; this one needs none.
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
