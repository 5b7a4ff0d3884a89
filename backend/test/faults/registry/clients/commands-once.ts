import { randomUUID } from 'node:crypto';
import { sha256 } from '../../../../src/auth/hash.js';
import { CONTINUE_INSTRUCTION } from '../../../../src/models/continue-instruction.js';
import type { Turn, Scene } from '../../stage/scene.js';
import type { Tab } from '../../stage/tabs/tab.js';

/** A command whose commit, known by its statements, suffers a fault; `done` says whether it was carried out once. */
export interface Struck {
  readonly name: string;
  readonly commits: RegExp;
  act(): Promise<unknown>;
  done(): Promise<boolean>;
}

/** The commands of a user on one conversation, in an order in which each has its preconditions. */
export async function* commandsOf(scene: Scene, tab: Tab): AsyncGenerator<Struck> {
  const { evidence, person, stage } = scene;
  const count = async (from: string, ...values: string[]): Promise<number> =>
    Number((await evidence.query(`select count(*) as n from ${from}`, values))[0]?.['n']);
  const ended = async (): Promise<true> => {
    await scene.ended();
    return true;
  };
  const answered = async (messageId: string, times: number): Promise<boolean> =>
    (await ended()) &&
    (await count(`conversation_history where parent_id = $1 and status = 'completed'`, messageId)) === times;
  const questionOf = ({ acknowledged }: Turn): string => acknowledged[0]?.messageId ?? '';

  const first = scene.prepare({ tokens: 5, expected: 'completed', attempts: 2 });
  const { conversationId } = first;
  await scene.send(tab, first);
  tab.follow(first.stream);
  await scene.ended();
  const [reply] = await evidence.query('select id from conversation_history where parent_id = $1', [questionOf(first)]);
  const replyId = String(reply?.['id']);

  const edited = scene.prepare({ conversationId, tokens: 5, expected: 'completed' });
  yield {
    name: 'message:edit',
    commits: /insert into runs /,
    async act() {
      const command = {
        clientMessageId: edited.clientMessageId,
        messageId: questionOf(first),
        text: edited.plan.question,
      };
      edited.acknowledged.push(await tab.insist('message:edit', command));
    },
    done: () => answered(questionOf(edited), 1),
  };
  yield {
    name: 'message:regenerate',
    commits: /insert into runs /,
    act: () => tab.insist('message:regenerate', { clientMessageId: randomUUID(), messageId: replyId }),
    done: () => answered(questionOf(first), 2),
  };
  yield {
    name: 'message:rate',
    commits: /set rating/,
    act: () => tab.insist('message:rate', { messageId: replyId, rating: 'up' }),
    done: async () => (await count(`conversation_history where id = $1 and rating = 'up'`, replyId)) === 1,
  };
  yield* queueOf(scene, tab, conversationId);
  yield* settingsOf(scene, tab, conversationId);

  const stopped = await scene.ask(tab, {
    expected: 'stopped',
    play: ({ answer }) => answer.text('0 ').then(() => answer.stall()),
  });
  await scene.until(() => tab.textOf(stopped.stream) !== '', 'the reply has begun');
  yield {
    name: 'run:stop',
    commits: /update runs set status/,
    act: () => tab.insist('run:stop', { runId: scene.runOf(stopped) }),
    done: ended,
  };
  const broken = stage.model.plan(`Begin ${randomUUID()}`, {
    play: ({ answer }) => answer.text('0 ').then(() => answer.stall()),
  });
  const clientMessageId = randomUUID();
  const begun = await tab.insist('message:send', { clientMessageId, conversationId, text: broken.question });
  await scene.until(() => tab.textOf(first.stream) === '0 ', 'the reply has begun');
  await tab.insist('run:stop', { runId: begun.runId });
  const [half] = await evidence.query('select id from conversation_history where parent_id = $1', [begun.messageId]);
  const rest = stage.model.plan(CONTINUE_INSTRUCTION, { tokens: 5 });
  yield {
    name: 'message:continue',
    commits: /insert into runs /,
    act: () => tab.insist('message:continue', { clientMessageId: randomUUID(), messageId: String(half?.['id']) }),
    done: async () => (await answered(begun.messageId, 1)) && rest.asked === 1,
  };
  yield {
    name: 'the title that the model gives',
    commits: /title_source = 'model'/,
    act: () => scene.ask(tab, { tokens: 5, expected: 'completed' }),
    async done() {
      const named = `conversations where user_id = $1 and title_source = 'model'`;
      await scene.until(async () => (await count(named, person.userId)) >= 2, 'a title');
      return true;
    },
  };
  // After the restore this tab would have to start over with a snapshot.
  tab.leave(first.stream);
  yield {
    name: 'conversation:delete',
    commits: /deleted_at/,
    act: () => tab.insist('conversation:delete', { conversationId }),
    done: async () => (await count('conversations where id = $1 and deleted_at is not null', conversationId)) === 1,
  };
  yield {
    name: 'conversation:restore',
    commits: /deleted_at/,
    act: () => tab.insist('conversation:restore', { conversationId }),
    done: async () => (await count('conversations where id = $1 and deleted_at is null', conversationId)) === 1,
  };
}

async function* queueOf(scene: Scene, tab: Tab, conversationId: string): AsyncGenerator<Struck> {
  const { evidence } = scene;
  const queued = async (id: string): Promise<string | undefined> => {
    const [row] = await evidence.query('select text from queued_messages where id = $1 and withdrawn_at is null', [id]);
    return row && String(row['text']);
  };
  const release = Promise.withResolvers<void>();
  const slow = scene.prepare({
    conversationId,
    expected: 'completed',
    async play(attempt) {
      await release.promise;
      await attempt.tokens();
      await attempt.end();
    },
  });
  await scene.send(tab, slow);
  const [waits, goes] = [
    scene.prepare({ conversationId, tokens: 5, expected: 'completed' }),
    scene.prepare({ conversationId, tokens: 5, expected: 'completed' }),
  ];
  const wait = async (turn: Turn): Promise<void> => {
    const { clientMessageId, plan } = turn;
    const command = { clientMessageId, conversationId, text: plan.question, queue: true };
    turn.acknowledged.push(await tab.insist('message:send', command));
  };
  const idOf = ({ acknowledged }: Turn): string => acknowledged[0]?.messageId ?? '';
  yield {
    name: 'message:send that waits',
    commits: /insert into "queued_messages"/,
    act: () => wait(waits),
    done: async () => (await queued(idOf(waits))) === waits.plan.question,
  };
  await wait(goes);
  const other = scene.prepare({ conversationId, expected: 'completed' });
  await wait(other);
  yield {
    name: 'queue:update',
    commits: /update "queued_messages"/,
    act: () => tab.insist('queue:update', { messageId: idOf(other), text: 'Something else' }),
    done: async () => (await queued(idOf(other))) === 'Something else',
  };
  yield {
    name: 'queue:remove',
    commits: /update "queued_messages"/,
    act: () => tab.insist('queue:remove', { messageId: idOf(other) }),
    done: async () => (await queued(idOf(other))) === undefined,
  };
  scene.turns.splice(scene.turns.indexOf(other), 1);
  yield {
    name: 'sending the queue',
    commits: /delete from queued_messages/,
    act: () => Promise.resolve(release.resolve()),
    async done() {
      await scene.until(async () => (await queued(idOf(waits))) === undefined, 'the first is sent');
      return true;
    },
  };
  await scene.until(async () => (await queued(idOf(goes))) === undefined, 'the second is sent');
  await scene.ended();
}

/** Values that are set, and stay so. */
async function* settingsOf(scene: Scene, tab: Tab, conversationId: string): AsyncGenerator<Struck> {
  const { evidence, person } = scene;
  const is = async (statement: string, values: string[]): Promise<boolean> =>
    (await evidence.query(statement, values)).length === 1;
  yield {
    name: 'conversation:update of the title',
    commits: /update "conversations"/,
    act: () => tab.insist('conversation:update', { conversationId, title: 'Another' }),
    done: () => is(`select id from conversations where id = $1 and title = 'Another'`, [conversationId]),
  };
  yield {
    name: 'conversation:update of the settings',
    commits: /update "conversations"/,
    act: () => tab.insist('conversation:update', { conversationId, settings: { temperature: 1 } }),
    done: () => is(`select id from conversations where id = $1 and settings ->> 'temperature' = '1'`, [conversationId]),
  };
  yield {
    name: 'draft:set',
    commits: /insert into "drafts"/,
    act: () => tab.insist('draft:set', { conversationId, text: 'Typed', origin: randomUUID() }),
    done: () => is(`select place from drafts where place = $1 and text = 'Typed'`, [conversationId]),
  };
  yield {
    name: 'PATCH /api/profile/me',
    commits: /update "users" set/,
    act: () => request(scene, 'PATCH', '/api/profile/me', { name: 'Augusta' }),
    done: () => is(`select id from users where id = $1 and name = 'Augusta'`, [person.userId]),
  };
}

/** Commands about sessions and accounts, by an admin. */
export async function* actsOf(scene: Scene, tab: Tab): AsyncGenerator<Struck> {
  const { evidence, stage } = scene;
  const count = async (from: string, values: string[]): Promise<number> =>
    Number((await evidence.query(`select count(*) as n from ${from}`, values))[0]?.['n']);
  const other = await evidence.signIn('Grace');
  yield {
    name: 'admin:set-role',
    commits: /insert into "audit"/,
    act: () => tab.insist('admin:set-role', { userId: other.userId, role: 'admin' }),
    done: async () =>
      (await count(`users where id = $1 and role = 'admin'`, [other.userId])) === 1 &&
      (await count('audit where target_id = $1', [other.userId])) === 1,
  };
  const [code, verifier] = [randomUUID(), randomUUID().padEnd(43, '-')];
  await evidence.query('insert into login_codes (code_hash, user_id, challenge, expires_at) values ($1, $2, $3, $4)', [
    sha256(code),
    other.userId,
    sha256(verifier),
    Date.now() + 60_000,
  ]);
  let cookie = '';
  const takeCookie = async (response: Response): Promise<void> => {
    const refresh = response.headers.getSetCookie().find((one) => one.startsWith('lockstep-refresh='));
    cookie = refresh?.split(';')[0] ?? '';
    await response.arrayBuffer();
  };
  const sessions = () => count('sessions where user_id = $1 and ended_at is null', [other.userId]);
  yield {
    name: 'POST /api/auth/exchange',
    commits: /insert into "sessions"/,
    act: () => request(scene, 'POST', '/api/auth/exchange', { code, verifier }).then(takeCookie),
    done: async () => cookie !== '' && (await sessions()) === 2,
  };
  yield {
    name: 'POST /api/auth/refresh',
    commits: /update "sessions"/,
    act: () => request(scene, 'POST', '/api/auth/refresh', {}, { cookie }).then(takeCookie),
    async done() {
      const again = await request(scene, 'POST', '/api/auth/refresh', {}, { cookie });
      return again.status === 200 && (await sessions()) === 2;
    },
  };
  const authorization = `Bearer ${stage.tokenOf(other.userId, other.sessionId)}`;
  yield {
    name: 'POST /api/auth/logout',
    commits: /update "sessions"/,
    act: () => request(scene, 'POST', '/api/auth/logout', {}, { authorization }),
    done: async () => (await sessions()) === 1,
  };
  yield {
    name: 'PATCH /api/admin/users',
    commits: /insert into "audit"/,
    act: () => request(scene, 'PATCH', `/api/admin/users/${other.userId}`, { disabled: true }),
    done: async () =>
      (await count(`audit where target_id = $1 and action = 'user.disabled'`, [other.userId])) === 1 &&
      (await sessions()) === 0,
  };
}

/** @throws Error for an unsuccessful status */
async function request(
  { stage, person }: Scene,
  method: string,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${stage.server.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`);
  return response;
}
