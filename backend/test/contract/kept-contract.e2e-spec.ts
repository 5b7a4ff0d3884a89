import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { controllers } from '../../src/contract/controllers.js';
import { aMeta, IDS } from '../../src/contract/examples.js';
import { exampleProblem } from '../../src/contract/problems.js';
import { readRoutes } from '../../src/contract/read-routes.js';
import type { ErrorCode } from '../../src/protocol/index.js';
import { mismatchOf } from '../support/contract-mismatch.js';
import { type RecordedResponse, ResponseRecorder } from '../support/response-recorder.js';
import { recorder as recorderOfAll } from '../support/kept-contract.js';

const routes = readRoutes(controllers());
const json = (body: unknown): Pick<RecordedResponse, 'type' | 'body'> => ({
  type: 'application/json',
  body: JSON.stringify(body),
});
const refused = (code: ErrorCode, status?: number): Pick<RecordedResponse, 'status' | 'type' | 'body'> => {
  const problem = exampleProblem(code, status);
  return { status: problem.status, type: 'application/problem+json', body: JSON.stringify(problem) };
};
const meta = { method: 'GET', path: '/api/meta', status: 200, ...json(aMeta) };
const conversation = { method: 'GET', path: `/api/conversations/${IDS.conversation}` };

describe('an answer that the contract does not allow', () => {
  let server: Server;
  let answer: Pick<RecordedResponse, 'status' | 'type' | 'body'> = meta;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.statusCode = answer.status;
      response.setHeader('content-type', answer.type ?? '');
      response.end(answer.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  /** The mismatch that the recorder finds in an answer that was really sent. */
  async function compare({ method, path, ...wanted }: RecordedResponse): Promise<string | undefined> {
    using recorder = new ResponseRecorder();
    answer = wanted;
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}?a=b`, { method });
    const [response, ...more] = recorder.take();
    expect([response, more]).toEqual([{ method, path, ...wanted }, []]);
    // Otherwise it would fail this test as well.
    recorderOfAll.take();
    return response && mismatchOf(routes, response);
  }

  it.each<[string, RecordedResponse, string]>([
    ['an additional key', { ...meta, ...json({ ...aMeta, more: 1 }) }, 'it has more than its schema'],
    [
      'an additional key in an object',
      { ...meta, ...json({ ...aMeta, standIn: { ...aMeta.standIn, x: 1 } }) },
      'it has more',
    ],
    ['a missing key', { ...meta, ...json({ ...aMeta, provider: undefined }) }, 'at provider'],
    ['a value of another type', { ...meta, ...json({ ...aMeta, provider: 7 }) }, 'expected string'],
    ['a status that is not listed', { ...meta, status: 201 }, 'GET /api/meta answered 201: the route does not list'],
    ['a status of other routes', { ...meta, ...refused('not_found') }, 'does not list this status'],
    ['a code that is not listed', { ...conversation, ...refused('last_admin', 404) }, 'the code last_admin'],
    [
      'a problem that is not a document',
      { ...conversation, ...refused('not_found'), ...json({}) },
      'is not application/',
    ],
    ['a problem with another status', { ...conversation, ...refused('not_found'), status: 400 }, 'not list the code'],
    ['a body of another media type', { ...meta, type: 'text/html' }, 'text/html is not application/json'],
    ['a method without a route', { ...meta, method: 'PUT' }, 'it has to be 405'],
    ['a path without a route', { ...meta, path: '/api/nothing' }, 'there is no such route'],
  ])('is detected: %s', async (_what, response, reason) => {
    expect(await compare(response)).toContain(reason);
  });

  it.each<[string, RecordedResponse]>([
    ['a listed answer', meta],
    ['a refusal', { ...conversation, ...refused('not_found') }],
    [
      'a refusal with another spelling of the path',
      { ...conversation, path: '/API/Conversations/1/', ...refused('bad_request') },
    ],
    ['a refusal that a guard adds', { ...conversation, ...refused('unauthenticated') }],
    ['another method', { ...meta, method: 'PUT', ...refused('bad_request', 405) }],
  ])('accepts %s', async (_what, response) => {
    expect(await compare(response)).toBeUndefined();
  });

  it('fails the test in which it was sent', async () => {
    answer = { ...meta, ...json({}) };
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/meta`);
    expect(recorderOfAll.take().map((response) => mismatchOf(routes, response))).toEqual([
      expect.stringContaining('GET /api/meta answered 200'),
    ]);
  });
});
