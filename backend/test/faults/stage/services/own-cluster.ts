import { check } from '../../check/check.js';
import { PostgresCluster } from './postgres-cluster.js';
import { Scene } from '../scene.js';
import { settle } from '../settle.js';
import { Stage } from '../stage.js';

/** Runs a fault on a stage whose PostgreSQL may be stopped, and checks it. Does nothing without PostgreSQL. */
export async function onOwnCluster(
  scene: Scene,
  act: (own: Scene, cluster: PostgresCluster) => Promise<void>,
): Promise<void> {
  await using cluster = await PostgresCluster.start();
  if (!cluster) return;
  await using stage = await Stage.prepare(scene.stage.build, { server: cluster.url });
  await stage.up();
  await using evidence = await stage.evidence();
  const { userId, sessionId } = await evidence.signIn('Ada');
  const own = new Scene(
    stage,
    scene.random,
    { userId, sessionId, token: stage.tokenOf(userId, sessionId) },
    evidence,
    true,
    scene.isThorough,
  );
  try {
    await act(own, cluster);
    scene.seen.push(...own.seen, ...check(await settle(own)));
  } finally {
    await own.close();
  }
}
