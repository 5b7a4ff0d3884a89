import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../fault.js';
import type { Turn, Scene } from '../../stage/scene.js';
import { CommandRefused, type Tab } from '../../stage/tabs/tab.js';

const TIMES = 6;
/** A page sends its commands in sequence; the server is killed during the first one or later. */
const LONGEST_WAIT_MS = 60;

/** Kills the server while `work` sends commands, and restarts it: `work` repeats each command until it is answered. */
async function killAmid(scene: Scene, work: () => Promise<void>): Promise<void> {
  const working = work();
  await delay(scene.random.between(0, LONGEST_WAIT_MS));
  await scene.kill();
  await scene.up();
  await working;
}

/** A command that was carried out before the kill cannot be carried out again. */
async function unlessGone(command: Promise<unknown>): Promise<void> {
  try {
    await command;
  } catch (error) {
    if (!(error instanceof CommandRefused) || error.code !== 'not_found') throw error;
  }
}

async function queue(tab: Tab, turn: Turn, text = turn.plan.question): Promise<string> {
  const { clientMessageId, conversationId } = turn;
  const message = { clientMessageId, conversationId, text, queue: true };
  const { messageId, runId } = await tab.insist('message:send', message);
  turn.acknowledged.push({ messageId, runId });
  return messageId;
}

/** The queued messages, in their order. */
async function waitingIn(
  { evidence }: Scene,
  conversationId: string,
): Promise<readonly { readonly id: string; readonly text: string }[]> {
  const rows = await evidence.query(
    'select id, text from queued_messages where conversation_id = $1 and withdrawn_at is null order by id',
    [conversationId],
  );
  return rows.map(({ id, text }) => ({ id: String(id), text: String(text) }));
}

/**
 * Fills a queue, or edits and removes its messages; afterwards sends each message once. The kill interrupts the running
 * reply: later messages need not wait, and queued ones are sent by hand.
 */
async function queueAmidKill(scene: Scene): Promise<void> {
  const tab = await scene.open();
  const first = await scene.ask(tab, { tokens: 5_000, delayMs: 5, expected: 'interrupted' });
  await scene.shows(tab, first, 1);
  const { conversationId } = first;
  const messages = Array.from({ length: 3 }, () =>
    scene.prepare({ conversationId, tokens: 10, expected: 'completed' }),
  );
  if (scene.random.next() < 0.5) {
    await killAmid(scene, async () => {
      for (const message of messages) await queue(tab, message);
    });
  } else {
    await changeAmidKill(scene, tab, conversationId, messages);
  }
  await scene.ended();
  for (let [next] = await waitingIn(scene, conversationId); next; [next] = await waitingIn(scene, conversationId)) {
    await tab.insist('queue:send', { messageId: next.id });
    await scene.ended();
  }
}

async function changeAmidKill(
  scene: Scene,
  tab: Tab,
  conversationId: string,
  messages: readonly Turn[],
): Promise<void> {
  const ids: string[] = [];
  for (const message of messages) ids.push(await queue(tab, message, 'Not what it will be'));
  const taken = { clientMessageId: randomUUID(), conversationId, text: 'Taken back', queue: true };
  const { messageId } = await tab.insist('message:send', taken);
  await killAmid(scene, async () => {
    await unlessGone(tab.insist('queue:remove', { messageId }));
    for (const [at, { plan }] of messages.entries()) {
      await tab.insist('queue:update', { messageId: ids[at] ?? '', text: plan.question });
    }
    // Without a reply, a user repeats the command.
    await unlessGone(tab.insist('queue:remove', { messageId }));
  });
  const waiting = (await waitingIn(scene, conversationId)).map(({ text }) => text);
  const expected = messages.map(({ plan }) => plan.question);
  scene.expect('L6', waiting.join() === expected.join(), `${waiting.length} messages wait: ${waiting.join('; ')}`);
}

/** The last acknowledged draft is stored, for a conversation and for the one that has not begun. */
async function draftAmidKill(scene: Scene): Promise<void> {
  const tab = await scene.open();
  const first = await scene.ask(tab, { tokens: 5, expected: 'completed' });
  await scene.ended();
  const origin = randomUUID();
  const sent = scene.prepare({ conversationId: first.conversationId, tokens: 5 });
  await killAmid(scene, async () => {
    for (let time = 1; time <= TIMES; time += 1) {
      await tab.insist('draft:set', { conversationId: first.conversationId, text: `Draft ${time}`, origin });
      await tab.insist('draft:set', { conversationId: null, text: `New draft ${time}`, origin });
    }
    await tab.insist('draft:set', { conversationId: first.conversationId, text: sent.plan.question, origin });
    await scene.send(tab, sent);
  });
  await scene.ended();
  const rows = await scene.evidence.query('select place, text from drafts where user_id = $1', [scene.person.userId]);
  const texts = rows.map(({ text }) => String(text));
  scene.expect('L6', texts.join() === `New draft ${TIMES}`, `these drafts are left: ${texts.join('; ')}`);
}

/** Alternates deleting and restoring; the first deletion ends a running reply. */
async function undoAmidKill(scene: Scene): Promise<void> {
  const [tab, other] = [await scene.open(), await scene.open()];
  const turn = await scene.ask(tab, { tokens: 5_000, delayMs: 5 });
  await scene.shows(tab, turn, 5);
  const { conversationId } = turn;
  const isDeletedLast = scene.random.next() < 0.5;
  await killAmid(scene, async () => {
    for (let time = 0; time < TIMES; time += 1) {
      await unlessGone(tab.insist('conversation:delete', { conversationId }));
      await tab.insist('conversation:restore', { conversationId });
    }
    if (isDeletedLast) await unlessGone(tab.insist('conversation:delete', { conversationId }));
  });
  await scene.ended();
  const [row] = await scene.evidence.query('select deleted_at from conversations where id = $1', [conversationId]);
  const isDeleted = row?.['deleted_at'] !== null;
  for (const each of [tab, other]) {
    // A tab that reconnected while it was deleted was refused: pages subscribe again once their sidebar lists it.
    each.leave(turn.stream);
    if (!isDeleted) each.follow(turn.stream);
  }
  scene.expect('L10', row !== undefined && isDeleted === isDeletedLast, `it is ${isDeleted ? '' : 'not '}deleted`);
}

/** Changes a conversation over the socket and the profile over HTTP: the last acknowledged value of each is stored. */
async function settingsAmidKill(scene: Scene): Promise<void> {
  const tab = await scene.open();
  const turn = await scene.ask(tab, { tokens: 5, expected: 'completed' });
  await scene.ended();
  const { conversationId } = turn;
  await killAmid(scene, async () => {
    for (let time = 1; time <= TIMES; time += 1) {
      const settings = { temperature: time / 10, systemPrompt: `Prompt ${time}` };
      await tab.insist('conversation:update', { conversationId, settings, title: `Title ${time}` });
      await changeProfile(scene, { preferences: { language: time % 2 === 0 ? 'de' : 'en' }, name: `Ada ${time}` });
    }
  });
  const { evidence, person } = scene;
  const [stored] = await evidence.query('select title, settings from conversations where id = $1', [conversationId]);
  const [user] = await evidence.query('select name, preferences from users where id = $1', [person.userId]);
  const parsed = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);
  const found = JSON.stringify([
    stored?.['title'],
    parsed(stored?.['settings']),
    user?.['name'],
    parsed(user?.['preferences']),
  ]);
  const last = JSON.stringify([
    `Title ${TIMES}`,
    { temperature: TIMES / 10, systemPrompt: `Prompt ${TIMES}` },
    `Ada ${TIMES}`,
    { language: TIMES % 2 === 0 ? 'de' : 'en' },
  ]);
  scene.expect('L2', sorted(found) === sorted(last), `${found} is stored, not ${last}`);
}

/** PostgreSQL orders the keys of JSON in its own way. */
const sorted = (json: string): string => [...json].sort().join('');

async function changeProfile({ stage, person }: Scene, change: object): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${stage.server.port}/api/profile/me`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(change),
      signal: AbortSignal.timeout(4_000),
    }).catch(() => undefined);
    if (response?.ok) return;
    // No server, or one that is starting.
    await delay(50);
  }
}

/** Kills the server amid the commands of a user who repeats them. */
export const commandKillFaults: readonly Fault[] = [
  { name: 'kill -9 amid commands of a queue', rules: ['L6', 'L8', 'L10'], rounds: [0, 20], run: queueAmidKill },
  { name: 'kill -9 amid changes of drafts', rules: ['L2', 'L4', 'L6'], rounds: [0, 20], run: draftAmidKill },
  { name: 'kill -9 amid deletions and undos', rules: ['L2', 'L4', 'L10'], rounds: [0, 20], run: undoAmidKill },
  { name: 'kill -9 amid changes of settings', rules: ['L2', 'L4', 'L10'], rounds: [0, 20], run: settingsAmidKill },
];
