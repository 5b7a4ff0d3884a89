import type { Scene } from './scene.js';
import type { ServerProcess } from './server-process.js';
import { SilentRoad } from './roads/silent-road.js';
import type { Tab } from './tabs/tab.js';

/** A second server on the same database, through its own proxy, with a tab. The stage's server is the first one. */
export interface Beside {
  readonly server: ServerProcess;
  readonly road: SilentRoad;
  readonly tab: Tab;
}

/** The readiness of a server; `undefined` when it does not answer. */
export async function isReady({ port }: ServerProcess): Promise<boolean | undefined> {
  const signal = AbortSignal.timeout(5_000);
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal }).catch(() => undefined);
  return response && response.status === 200;
}

/** Runs a test on a second server with a proxy to PostgreSQL. Its tab moves to the stage's server afterwards. */
export async function beside(scene: Scene, act: (it: Beside) => Promise<void>): Promise<void> {
  await using road = await SilentRoad.start(scene.stage.databaseUrl);
  await using server = await scene.stage.spawn(road.url);
  await server.ready();
  const way = await scene.openRoad();
  way.targetPort = server.port;
  try {
    await act({ server, road, tab: await scene.open({ port: way.port }) });
  } finally {
    scene.touch();
    way.targetPort = scene.stage.server.port;
    way.cut();
  }
}
