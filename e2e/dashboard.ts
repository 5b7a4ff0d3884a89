import { chromium } from '@playwright/test';
import { findProgram } from '../backend/testing/find-program.ts';
import { readDashboard } from '../backend/testing/monitoring/dashboard.ts';
import { Prometheus } from '../backend/testing/monitoring/prometheus.ts';
import { CommandFailed } from '../scripts/programs.ts';
import { launchOptions, prepareBrowser } from './browser.ts';
import { drawPanels } from './dashboard/drawing.ts';
import { filledPanels } from './dashboard/panel-data.ts';
import { LockstepServer } from './support/lockstep-server.ts';

const PATH = 'docs/shots/dashboard.png';
const TOKEN = 'a-token-for-prometheus';
const SCRAPE_SECONDS = 2;
const PEOPLE = 12;
const WIDTH = 1600;

/**
 * Draws `ops/grafana/dashboard.json` with the data of a run: a server with its local model, people who ask and stop,
 * models that fail, and a real Prometheus that answers the expressions of all panels.
 * @param minutes how long the run takes
 */
async function main(minutes: number): Promise<void> {
  if (!(minutes > 0)) throw new CommandFailed('Usage: npm run dashboard -- [MINUTES]');
  if (findProgram('prometheus') === undefined) {
    throw new CommandFailed("The dashboard needs Prometheus: install Debian's package `prometheus`, and try again.");
  }
  await prepareBrowser();
  // It uses the protocol, which has to be built first.
  const { Crowd } = await import('./dashboard/crowd.ts');
  await using stack = new AsyncDisposableStack();
  const server = await LockstepServer.start({ METRICS_TOKEN: TOKEN });
  stack.defer(() => server.dispose());
  const prometheus = stack.use(await Prometheus.start(scraping(server.port), { token: TOKEN }));
  const browser = await chromium.launch(launchOptions());
  stack.defer(() => browser.close());

  const start = Date.now() / 1000;
  const crowd = await Crowd.gather(server.url, PEOPLE);
  console.log(`${PEOPLE} people ask for ${minutes} minutes ...`);
  await crowd.ask(minutes * 60_000);
  const panels = await filledPanels(readDashboard(), prometheus, {
    start,
    end: Date.now() / 1000,
    step: SCRAPE_SECONDS,
  });
  await crowd.leave();

  const page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, deviceScaleFactor: 1 });
  await drawPanels(page, panels);
  await page.screenshot({ path: PATH, fullPage: true });
  const empty = panels.filter(({ kind, series }) => kind !== 'row' && series.length === 0);
  console.log(
    `${PATH}: ${panels.length} panels; without data: ${empty.map(({ title }) => title).join(', ') || 'none'}`,
  );
}

const scraping = (port: number): object => ({
  global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: `${SCRAPE_SECONDS}s` },
  scrape_configs: [
    {
      job_name: 'lockstep',
      authorization: { credentials_file: 'token' },
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    },
  ],
});

await main(Number(process.argv[2] ?? 4));
