import { type BrowserContextOptions, devices } from '@playwright/test';

const { defaultBrowserType: _, ...phone } = devices['Pixel 7'];

/** The two kinds of screen that every page must support. */
export const SCREENS = {
  desktop: { viewport: { width: 1280, height: 820 } },
  phone: { ...phone, viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 },
} as const satisfies Record<string, BrowserContextOptions>;
