import { defineConfig, devices } from '@playwright/test';
import { launchOptions } from './scripts/testing/browser.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results/browser',
  globalSetup: './scripts/testing/build-for-browser.ts',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  workers: 2,
  // As in backend/test/support/second-try.ts.
  retries: 1,
  // Room for a machine that does other things as well; nothing waits for a time to pass.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [
    ['list'],
    ['json', { outputFile: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ?? 'test-results/reports/browser.json' }],
  ],
  use: {
    // Recording every test would take as long again.
    trace: 'on-first-retry',
    // It would answer in the place of networks that tests take away; its own test lets it in.
    serviceWorkers: 'block',
    launchOptions: launchOptions(),
  },
  projects: [{ name: 'desktop', use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 } } }],
});
