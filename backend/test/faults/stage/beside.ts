import type { Scene } from './scene.js';
import type { ServerProcess } from './server-process.js';
import { SilentRoad } from './roads/silent-road.js';
import type { Tab } from './tabs/tab.js';

/** One more server on the same database, on a road of its own, with a tab. The stage's server is the other process. */
export interface Beside {
  readonly server: ServerProcess;
  readonly road: SilentRoad;
  readonly tab: Tab;
}

/** Whether the server says that people may be sent to it; `undefined` when it says nothing. */
export async function isReady({ port }: ServerProcess): Promise<boolean | undefined> {
  const signal = AbortSignal.timeout(5_000);
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal }).catch(() => undefined);
  return response && response.status === 200;
}

/** Acts on a server beside the stage's, PostgreSQL's road between. Its tab goes over to the stage's server afterwards. */
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
