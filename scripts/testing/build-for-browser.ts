import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';

/** Playwright's global setup: its tests run against what would be shipped. */
export default async function buildForBrowser(): Promise<void> {
  await ensureBuilt(server, page);
}
