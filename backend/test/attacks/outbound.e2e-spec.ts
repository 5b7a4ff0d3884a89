import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { fetchPicture } from '../../src/users/pictures/picture-request.js';
import { HttpServer } from '../../testing/http-server.js';
import { createToken } from '../programs/programs.js';
import { begin, whenEnded } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';
import { attacks } from './support/family.js';

/** Requests that the server makes because of something a person or a provider sends (SSRF). */
const stops = attacks('outbound');

let inside: HttpServer;
let answer: (response: ServerResponse) => void;
beforeAll(async () => {
  inside = await HttpServer.start((_request, response) => answer(response));
  answer = (response) => response.end('a secret of the network');
});
afterAll(() => inside[Symbol.asyncDispose]());

const signal = AbortSignal.timeout(60_000);
const port = (): string => new URL(inside.url).port;

/** Spellings of addresses that are not public. */
const PRIVATE = [
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0',
  '0.0.0.0',
  'localhost',
  'LOCALHOST',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[2001:db8::1]',
];

/**
 * Addresses that no system connects to, so that they need not be refused: the deprecated "IPv4-compatible" ones (RFC 4291,
 * 2.5.5.1), and a name that few resolvers know.
 */
const NOWHERE = ['[::127.0.0.1]', '[::10.0.0.1]', 'localhost.', 'private.invalid'];

stops('a picture at an address that is not public', async (attack) => {
  const before = inside.connections;
  for (const host of PRIVATE) {
    await attack(host, async () => {
      const request = fetchPicture(`https://${host}:${port()}/`, { allowsLocal: false, signal });
      await expect(request).rejects.toThrow(/is not allowed/);
    });
  }
  for (const host of NOWHERE) {
    const address = `https://${host}:${port()}/`;
    await attack(host, () => expect(fetchPicture(address, { allowsLocal: false, signal })).rejects.toThrow());
  }
  await attack('a name that leads to an address of this network', async () => {
    const own = hostname();
    const found = await lookup(own).catch(() => undefined);
    // Some machines do not know their own name.
    const request = fetchPicture(`https://${own}:${port()}/`, { allowsLocal: false, signal });
    await expect(request).rejects.toThrow(found ? /is not allowed/ : /./);
  });
  for (const address of [
    `http://example.com/`,
    `file:///etc/passwd`,
    `ftp://127.0.0.1/`,
    `gopher://127.0.0.1:${port()}/_x`,
    `data:image/png;base64,AAAA`,
    `javascript:alert(1)`,
    `https://user:password@127.0.0.1:${port()}/`,
  ]) {
    await attack(address, () => expect(fetchPicture(address, { allowsLocal: false, signal })).rejects.toThrow());
  }
  await attack('and nothing has connected', () => expect(inside.connections).toBe(before));
});

stops('a redirect to an address that is not public', async (attack) => {
  for (const host of PRIVATE) {
    await attack(host, async () => {
      // Only the first address may be local here, that of the local provider.
      answer = (response) => response.writeHead(302, { location: `https://${host}:1/` }).end();
      await expect(fetchPicture(inside.url, { allowsLocal: true, signal })).rejects.toThrow(/is not allowed/);
    });
  }
  for (const location of [
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'file:///etc/passwd',
    '//10.0.0.1/',
    'ftp://x/',
  ]) {
    await attack(location, async () => {
      answer = (response) => response.writeHead(302, { location }).end();
      await expect(fetchPicture(inside.url, { allowsLocal: true, signal })).rejects.toThrow('not encrypted');
    });
  }
});

stops('an address in a message or a request of a program from being asked', async (attack) => {
  await using server = await TestServer.start();
  const ada = await server.signIn('Ada');
  const before = inside.connections;
  const address = `${inside.url}/picture.png`;
  const { token } = await createToken(server, ada);
  const contents = [
    `![x](${address})`,
    [{ type: 'image_url', image_url: { url: address } }],
    [{ type: 'input_file', file_url: address }],
    [{ type: 'text', text: `<img src="${address}">` }],
  ];
  for (const content of contents) {
    await attack(JSON.stringify(content), async () => {
      const body = JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content }] });
      const { status } = await server.fetch('/v1/chat/completions', { token }, { method: 'POST', body });
      expect([200, 400]).toContain(status);
    });
  }
  await attack('a message of a tab', async () => {
    const tab = await server.connect(ada);
    const { stream } = await begin(tab, `Read ${address} ![x](${address})`);
    await whenEnded(tab, stream);
  });
  await attack('an address in a profile', async () => {
    for (const change of [{ name: address }, { personal: { about: address } }]) {
      await server.fetch('/api/profile/me', ada, { method: 'PATCH', body: JSON.stringify(change) });
    }
  });
  await attack('and nothing has connected', () => expect(inside.connections).toBe(before));
});
