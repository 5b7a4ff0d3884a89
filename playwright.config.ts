import { defineConfig, devices } from '@playwright/test';
import { setPace } from './backend/testing/pace.ts';
import { launchOptions } from './e2e/browser.ts';

const pace = await setPace();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results/browser',
  globalSetup: './scripts/build.ts',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  // One more than cores, as in jest.config.js: many tests wait for a process, a lease or a timer.
  workers: 3,
  // As in backend/test/support/second-try.ts.
  retries: 1,
  // For a test that hangs; nothing waits for a time to pass.
  timeout: 180_000 * pace,
  expect: { timeout: 60_000 * pace },
  reporter: [
    ['list'],
    ['json', { outputFile: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ?? 'test-results/reports/browser.json' }],
  ],
  use: {
    // Recording every test would double the time.
    trace: 'on-first-retry',
    // It would answer in place of the network that tests take away; its own test enables it.
    serviceWorkers: 'block',
    launchOptions: launchOptions(),
    // Without a graphics card each frame of an endless animation is drawn by the processor that runs the tests.
    contextOptions: { reducedMotion: 'reduce' },
  },
  projects: [{ name: 'desktop', use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 } } }],
});
