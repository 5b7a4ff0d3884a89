import { buildFormerVersion } from './former-version.js';
import { Scene } from './scene.js';
import { type Patch, ServerBuild } from './server-build.js';
import { Stage } from './stage.js';

const ENV = { DRAIN_MS: '20000', MAX_SUBSCRIPTIONS_PER_SOCKET: '1000', MODEL_BETWEEN_TOKENS_MS: '20000' };

/** A migration that expands the schema, so that there is one to run whether or not this version has any. */
const WITH_MIGRATION: readonly Patch[] = [
  {
    file: 'migrations/index.js',
    find: 'export const MIGRATIONS =',
    replace: `import { PortableMigration } from './portable-migration.js';
      class Rehearsal extends PortableMigration {
        name = '99991231-rehearsal';
        up() {
          this.addColumns('users', ['"rehearsed_at" bigint null']);
          this.addColumns('runs', ['"rehearsals" integer not null default 0']);
          this.createIndex('runs', ['rehearsals']);
        }
      }
      const own =`,
  },
  {
    file: 'migrations/index.js',
    find: '//# sourceMappingURL=index.js.map',
    replace: `export const MIGRATIONS = [...own, { name: '99991231-rehearsal', class: Rehearsal }];`,
  },
];

/** Runs `act` in a scene on servers of the version before; `next` builds the same stage with this version. */
export async function onFormerVersion(
  outer: Scene,
  act: (scene: Scene, upgraded: Stage) => Promise<void>,
): Promise<void> {
  const former = await buildFormerVersion();
  using next = ServerBuild.copy(WITH_MIGRATION);
  await using stage = await Stage.prepare(former, { env: ENV });
  await stage.up();
  await using evidence = await stage.evidence();
  const { userId, sessionId } = await evidence.signIn('Ada');
  const person = { userId, sessionId, token: stage.tokenOf(userId, sessionId) };
  const scene = new Scene(stage, outer.random, person, evidence, true, outer.isThorough);
  try {
    await act(scene, stage.withBuild(next));
  } finally {
    outer.seen.push(...scene.seen);
    await scene.close();
  }
}
