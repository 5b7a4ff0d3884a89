import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { ACCESS_TOKEN_SECONDS } from '../../src/auth/sessions/access-tokens.js';
import { TestClient, until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { createOwner, type Owner } from './support/belongings.js';
import { attacks } from './support/family.js';
import { forge, ownKey, partsOf } from './support/forged-token.js';
import { RawSocket } from './support/raw-socket.js';
import { rawRequest } from './support/raw-request.js';

const stops = attacks('sockets');

let server: TestServer;
let person: TestPerson;
let victim: Owner;
beforeAll(async () => {
  server = await TestServer.start();
  person = await server.signIn('Mallory');
  victim = await createOwner(server, 'Victim');
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const isAlive = async (): Promise<void> => expect((await server.fetch('/health/live')).status).toBe(200);

stops('a page of another origin from opening a socket, whatever cookie or token it has', async (attack) => {
  const { publicUrl } = server.config;
  const { protocol, host, hostname } = new URL(publicUrl);
  const origins = [
    'https://evil.example',
    'null',
    'file://',
    `${publicUrl}.evil.example`,
    `${publicUrl}:80`,
    `${publicUrl}/`,
    `${protocol}//evil.example@${host}`,
    `${protocol}//${hostname}`,
    `${protocol === 'http:' ? 'https:' : 'http:'}//${host}`,
    `${publicUrl},https://evil.example`,
    `https://evil.example#${publicUrl}`,
  ].filter((origin) => origin !== publicUrl);
  for (const origin of origins) {
    const cookie = `lockstep-refresh=${person.sessionId}; lockstep-session=1`;
    await attack(origin, () => expect(RawSocket.open(server, { origin, cookie })).rejects.toThrow('400'));
  }
});

stops('every other transport, version and namespace', async (attack) => {
  for (const query of [
    'EIO=4&transport=polling',
    'EIO=3&transport=polling',
    'EIO=4&transport=webtransport',
    'EIO=4',
    '',
  ]) {
    await attack(`?${query}`, async () => {
      const { status, text } = await rawRequest(server, { path: `/socket.io/?${query}`, token: person.token });
      expect(status).toBe(400);
      expect(text).not.toContain('sid');
    });
  }
  await attack('a session that another connection has', async () => {
    await using raw = await RawSocket.enter(server, person.token);
    const sid = /"sid":"([^"]+)"/.exec(raw.received.join(''))?.[1] ?? '';
    const path = `/socket.io/?EIO=4&transport=websocket&sid=${sid}`;
    await expect(RawSocket.open(server, {}, path)).rejects.toThrow('400');
    await raw.settled();
    expect(raw.isClosed).toBe(false);
  });
  for (const namespace of ['/admin', '/socket.io', '/../', '/__proto__', `/${'x'.repeat(1_000)}`]) {
    await attack(`the namespace ${namespace.slice(0, 20)}`, async () => {
      await using raw = await RawSocket.open(server);
      raw.send(`40${namespace},${JSON.stringify({ token: person.token, protocol: 1 })}`);
      await until(() => raw.isClosed, 'closed');
      expect(raw.received.filter((packet) => packet.startsWith('40'))).toEqual([]);
    });
  }
});

stops('a socket without a good token', async (attack) => {
  const { header, claims } = partsOf(person.token);
  const ended = await server.signIn('Ended');
  await server.fetch('/api/auth/logout', ended, { method: 'POST' });
  const tokens: readonly (readonly [string, unknown])[] = [
    ['none', undefined],
    ['nothing', ''],
    ['an object', { $ne: null }],
    ['a list', [person.token]],
    ['a long text', 'x'.repeat(50_000)],
    ['a personal access token', victim.token],
    ['one whose session has ended', ended.token],
    ['one without a signature', `${person.token.split('.').slice(0, 2).join('.')}.`],
    ['one with alg none', forge({ ...header, alg: 'none' }, claims, '')],
    ['one of another key', forge(header, claims, 'another key')],
    ['an expired one', forge(header, { ...claims, exp: 1 }, ownKey(server.config))],
    [
      'the session of another person',
      forge(header, { ...claims, sid: victim.person.sessionId }, ownKey(server.config)),
    ],
  ];
  for (const [what, token] of tokens) {
    await attack(what, async () => {
      const tab = new TestClient(server.url, '', { auth: { token, protocol: 1 } });
      await expect(tab.connected()).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
      tab.close();
    });
  }
});

stops('commands after the access token has expired in the middle of a connection', async (attack) => {
  const { header, claims } = partsOf(person.token);
  const now = Math.floor(Date.now() / 1_000);
  const short = { ...claims, iat: now - ACCESS_TOKEN_SECONDS, exp: now + 3 };
  const tab = await server.connect({ token: forge(header, short, ownKey(server.config)) });
  const unknown = { conversationId: randomUUID() };
  const code = async (): Promise<string> => (await tab.refused('conversation:delete', unknown)).code;
  await attack(
    'a command',
    async () => void (await until(async () => (await code()) === 'unauthenticated', 'expired')),
  );
  await attack('a subscription', async () => {
    const refused = await tab.refused('stream:subscribe', { stream: `user:${person.userId}` });
    expect(refused.code).toBe('unauthenticated');
  });
});

stops('a token of another person from replacing that of a socket', async (attack) => {
  const tab = await server.connect(person);
  const { header, claims } = partsOf(person.token);
  const others: readonly (readonly [string, string, string])[] = [
    ['another person', victim.person.token, 'forbidden'],
    ['a personal access token', victim.token, 'unauthenticated'],
    ['alg none', forge({ ...header, alg: 'none' }, claims, ''), 'unauthenticated'],
  ];
  for (const [what, token, code] of others) {
    await attack(what, async () => expect(await tab.refused('auth:refresh', { token })).toMatchObject({ code }));
  }
});

stops('a subscription to the streams of others', async (attack) => {
  const tab = await server.connect(person);
  const { userId } = victim.person;
  const { conversation } = victim.ids;
  const names = [
    `user:${userId}`,
    `conversation:${conversation}`,
    `conversation:${victim.runningConversation}`,
    `user:${userId.toUpperCase()}`,
    `conversation:${conversation.toUpperCase()}`,
    `USER:${userId}`,
    ` user:${userId}`,
    `user:${userId} `,
    `user:{${userId}}`,
    `conversation:${userId}`,
    `user:${conversation}`,
    'admin',
    'ADMIN',
    'admin:',
    'team:admin',
    'team:pending',
    'team:*',
    'user:*',
    'conversation:',
    '*',
    '__proto__',
    victim.tab.socket.id ?? '',
  ];
  for (const stream of names) {
    await attack(stream, async () => {
      for (const after of [undefined, { epoch: '', seq: 0 }, { epoch: 'x', seq: 1e9 }]) {
        const { code } = await tab.refused('stream:subscribe', { stream, ...(after && { after }) });
        expect(['not_found', 'bad_request']).toContain(code);
      }
    });
  }
  await attack('events that are committed afterwards', async () => {
    await victim.tab.subscribe(`user:${userId}`);
    const init = { method: 'PATCH', body: '{"name":"Another name"}' };
    expect((await server.fetch('/api/profile/me', victim.person, init)).status).toBe(200);
    await victim.tab.event(`user:${userId}`, 'user.updated');
    for (const stream of names) expect(tab.eventsOf(stream)).toEqual([]);
  });
});

stops('events that are no commands', async (attack) => {
  const tab = await server.connect(person);
  const names = [
    'message:explode',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'stream:events',
    'auth:expired',
    'x'.repeat(500),
  ];
  for (const name of names) {
    await attack(name.slice(0, 30), async () =>
      expect(await tab.refused(name, {})).toMatchObject({ code: 'bad_request' }),
    );
  }
  for (const name of [
    'connect',
    'connect_error',
    'disconnect',
    'disconnecting',
    'newListener',
    'removeListener',
    'error',
  ]) {
    await attack(`the reserved name ${name}`, async () => {
      await using raw = await RawSocket.enter(server, person.token);
      raw.send(`421["${name}",{}]`);
      await raw.settled();
      await isAlive();
    });
  }
});

stops('frames that are no packets, or forge those of the server', async (attack) => {
  const frames: readonly (readonly [string, string | Buffer])[] = [
    ['bytes', Buffer.from([0, 1, 2, 255])],
    ['a binary event without its attachment', '451-["message:send",{"_placeholder":true,"num":0}]'],
    ['a thousand attachments', '451000-["message:send",{"_placeholder":true,"num":0}]'],
    ['an attachment that is not there', '451-["message:send",{"_placeholder":true,"num":999}]'],
    ['an attachment without end', `45${'9'.repeat(400)}-["x"]`],
    ['an acknowledgement of nothing', '430[{"ok":true}]'],
    ['an acknowledgement with a huge number', '439007199254740993[1]'],
    ['an error of the server', '44{"message":"x"}'],
    ['a disconnect with data', '41{"x":1}'],
    ['an unknown type', '49["message:send",{}]'],
    ['an unknown packet of Engine.IO', '9probe'],
    ['an upgrade', '5'],
    ['half of an event', '42["message:send",{'],
    ['an event that is no list', '42{"message:send":{}}'],
    ['an event without a name', '42[]'],
    ['a number as name', '421[1,{}]'],
    ['an object as name', '421[{"toString":1},{}]'],
    ['a negative number of an acknowledgement', '42-1["message:send",{}]'],
    ['JSON that changes prototypes', '421["message:send",{"__proto__":{"isAdmin":true}}]'],
    ['deep nesting', `421["message:send",${'['.repeat(40_000)}${']'.repeat(40_000)}]`],
  ];
  for (const [what, frame] of frames) {
    await attack(what, async () => {
      await using raw = await RawSocket.enter(server, person.token);
      raw.send(frame);
      await raw.settled();
      expect(raw.received.some((packet) => packet.includes('"ok":true') && !packet.startsWith('43987'))).toBe(false);
      expect('isAdmin' in {}).toBe(false);
      await isAlive();
    });
  }
  await attack('a frame over the limit', async () => {
    await using raw = await RawSocket.enter(server, person.token);
    raw.send(`421["draft:set",{"text":"${'x'.repeat(150_000)}"}]`);
    await until(() => raw.isClosed, 'closed');
  });
});
