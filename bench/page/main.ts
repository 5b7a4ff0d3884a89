import { loadavg } from 'node:os';
import { prepareBrowser } from '../../e2e/browser.ts';
import { BenchStage } from './bench-stage.ts';
import { measureBlocks } from './blocks.ts';
import { measureOpening } from './opening.ts';
import { measureTabs } from './tabs.ts';
import { measureTokenCost } from './token-cost.ts';

const MEASUREMENTS = { tokens: measureTokenCost, opening: measureOpening, tabs: measureTabs, blocks: measureBlocks };

/** Measures the built page in a real browser; arguments select measurements and blocks. */
async function main(wanted: readonly string[]): Promise<void> {
  console.log(`Load of this machine before: ${loadavg()[0]?.toFixed(1)}. Other work on it makes every number worse.`);
  const chosen = new Set(wanted.filter((word) => word in MEASUREMENTS));
  const others = wanted.filter((word) => !(word in MEASUREMENTS));
  const stage = await BenchStage.open();
  try {
    for (const [name, measure] of Object.entries(MEASUREMENTS)) {
      if (wanted.length === 0 || chosen.has(name)) await measure(stage, others);
    }
  } finally {
    await stage.close();
  }
}

await prepareBrowser();
await main(process.argv.slice(2));
