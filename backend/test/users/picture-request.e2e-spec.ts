import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { drawPicture } from '../../dev/provider/picture.js';
import { fetchPicture, isPictureUrl } from '../../src/users/pictures/picture-request.js';
import { HttpServer } from '../../testing/http-server.js';

const picture = drawPicture('1');
const signal = new AbortController().signal;

describe('the request for a picture', () => {
  let server: HttpServer;
  let answer: (response: ServerResponse, path: string) => void;
  beforeAll(async () => {
    server = await HttpServer.start((request, response) => answer(response, request.url ?? '/'));
  });
  beforeEach(() => {
    answer = (response) => response.end(picture);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const local = (path = '/'): Promise<unknown> => fetchPicture(`${server.url}${path}`, { allowsLocal: true, signal });
  const port = (): string => new URL(server.url).port;

  it('reads a picture of the local provider, and calls it what it is', async () => {
    answer = (response) => response.setHeader('content-type', 'image/svg+xml').end(picture);
    expect(await local()).toEqual({ contentType: 'image/png', bytes: picture });
  });

  it('never connects to this machine or a private network for a picture of another provider', async () => {
    const before = server.connections;
    const hosts = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '10.0.0.1', '169.254.169.254'];
    for (const host of [...hosts, '192.168.0.1', '172.16.0.1', '100.64.0.1', '[fd00::1]', '[fe80::1]']) {
      const request = fetchPicture(`https://${host}:${port()}/`, { allowsLocal: false, signal });
      await expect(request).rejects.toThrow(/is not allowed/);
    }
    expect(server.connections).toBe(before);
  });

  it('does not follow a redirect into a private network either', async () => {
    for (const location of ['http://10.0.0.1/', 'http://169.254.169.254/latest/', 'file:///etc/passwd']) {
      answer = (response) => response.writeHead(302, { location }).end();
      await expect(local()).rejects.toThrow('its address is not encrypted');
    }
    answer = (response) => response.writeHead(302, { location: `https://127.0.0.1:${port()}/` }).end();
    await expect(local()).rejects.toThrow(/is not allowed/);
  });

  it('follows three redirects and no more', async () => {
    answer = (response, path) => {
      const left = Number(path.slice(1));
      if (left === 0) response.end(picture);
      else response.writeHead(307, { location: `/${left - 1}` }).end();
    };
    expect(await local('/3')).toMatchObject({ contentType: 'image/png' });
    await expect(local('/4')).rejects.toThrow('it redirects too often');
  });

  it.each([
    ['an error', (response: ServerResponse) => response.writeHead(404).end(picture), 'the answer has the status 404'],
    ['SVG', (response: ServerResponse) => response.end('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'neither PNG'],
    [
      'more than a megabyte',
      (response: ServerResponse) => response.end(Buffer.concat([picture, Buffer.alloc(2 ** 20)])),
      'more than',
    ],
    ['nothing', (response: ServerResponse) => response.end(), 'neither PNG'],
    [
      'half a picture',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': picture.length }).write(picture.subarray(0, 100));
        setImmediate(() => response.destroy());
      },
      'aborted',
    ],
  ])('refuses %s', async (_what, answers, reason) => {
    answer = answers;
    await expect(local()).rejects.toThrow(reason);
  });

  it('gives up when the server stops', async () => {
    const stopping = new AbortController();
    answer = () => stopping.abort();
    const request = fetchPicture(server.url, { allowsLocal: true, signal: stopping.signal });
    await expect(request).rejects.toThrow('aborted');
  });

  it.each([
    ['https://example.com/a.png', true, true],
    ['http://example.com/a.png', false, false],
    ['http://localhost:3000/a.png', true, false],
    ['http://127.0.0.1:3000/a.png', true, false],
    ['http://10.0.0.1/a.png', false, false],
    ['data:image/png;base64,AAAA', false, false],
  ])('may be for %s', (address, withLocal, withOther) => {
    expect([isPictureUrl(new URL(address), true), isPictureUrl(new URL(address), false)]).toEqual([
      withLocal,
      withOther,
    ]);
  });
});
