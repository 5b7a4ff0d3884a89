import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from '../../stage/numbered-model.js';
import type { Scene, Turn, TurnOptions } from '../../stage/scene.js';
import type { ServerProcess } from '../../stage/server-process.js';
import type { Tab } from '../../stage/tabs/tab.js';

const TOKEN_EVERY_MS = 250;
const HELD_TOKEN_EVERY_MS = 2_500;
const TOKENS = 100;
/** How many tokens are sent at most while a reply is held. */
const HELD_TOKENS = 68;

/** The promise for a release: of a hundred replies at most one is cut short. */
export const ALLOWED_SHARE = 0.01;

/** A reply of some seconds: shorter than the server waits during a shutdown. */
export const answer = (scene: Scene): TurnOptions => ({ tokens: scene.random.between(8, 32), delayMs: TOKEN_EVERY_MS });

/** Replies that continue until they are released, and end some seconds later, like those that a restart meets. */
export class HeldAnswers {
  isHeld = true;

  options(scene: Scene): TurnOptions {
    const pieces = scene.random.between(8, 32);
    return { tokens: TOKENS, play: (attempt) => this.send(attempt, pieces) };
  }

  private async send(attempt: Attempt, pieces: number): Promise<void> {
    let sent = 0;
    for (; this.isHeld && sent < HELD_TOKENS; sent += 1) {
      await attempt.tokens(1);
      await delay(HELD_TOKEN_EVERY_MS);
    }
    const size = Math.ceil((TOKENS - sent) / pieces);
    for (; sent < TOKENS; sent += size) {
      await delay(TOKEN_EVERY_MS);
      await attempt.tokens(Math.min(size, TOKENS - sent));
    }
    await attempt.end();
  }
}

/** Sends questions in each tab in sequence. @returns once all of them are being answered */
export async function askMany(scene: Scene, tabs: readonly Tab[], count: number, held: HeldAnswers): Promise<void> {
  const asking = tabs.map(async (tab) => {
    const turns: Turn[] = [];
    while (turns.length < count / tabs.length) turns.push(await scene.ask(tab, held.options(scene)));
    return turns;
  });
  const turns = (await Promise.all(asking)).flat();
  await scene.until(() => turns.every(({ plan }) => plan.sent > 0), 'every answer has begun', 90_000);
}

/** Stops a server as a supervisor does. New connections go to another one from now on, as its readiness demands. */
export async function retire(scene: Scene, server: ServerProcess): Promise<void> {
  const code = await server.end('SIGTERM');
  scene.expect('L5', code === 0, `a server ended with ${String(code)}:\n${server.lastOutput}`);
}

/** How the runs of a scene's person have ended. `cut`: those that are not completed. */
export async function endsOf(
  scene: Scene,
): Promise<{ readonly total: number; readonly cut: number; readonly counts: ReadonlyMap<string, number> }> {
  const rows = await scene.evidence.query(
    `select status, count(*) as runs from runs where user_id = $1 group by status`,
    [scene.person.userId],
  );
  const counts = new Map(rows.map(({ status, runs }) => [String(status), Number(runs)]));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { total, cut: total - (counts.get('completed') ?? 0), counts };
}
