import { expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { routeLabel } from './route-label.js';

const answered = (statusCode: number, writableFinished = true): ServerResponse =>
  ({ statusCode, writableFinished }) as ServerResponse;

it.each([
  ['a route', 'GET', { path: '/api/people/:id' }, 200, ['GET', '/api/people/:id', '200']],
  ['a failed route', 'PUT', { path: '/api/people/:id' }, 500, ['PUT', '/api/people/:id', '500']],
  ['a file of the page', 'GET', undefined, 200, ['GET', 'page', '200']],
  ['a file of the page that the browser has', 'HEAD', undefined, 304, ['HEAD', 'page', '304']],
  ['an unknown path', 'GET', undefined, 404, ['GET', 'unmatched', '404']],
  ['an unknown path behind middleware for all paths', 'GET', { path: '/{*path}' }, 404, ['GET', 'unmatched', '404']],
  ['a method that the path does not have', 'POST', undefined, 405, ['POST', 'unmatched', '405']],
  ['the question for the methods of a path', 'OPTIONS', undefined, 204, ['OPTIONS', 'unmatched', '204']],
  ['a method that no path has', 'PROPFIND', undefined, 404, ['other', 'unmatched', '404']],
] as const)('the labels of %s', (_what, method, route, status, [asMethod, asRoute, asStatus]) => {
  const label = routeLabel({ method, route }, answered(status));
  expect(label).toEqual({ method: asMethod, route: asRoute, status: asStatus });
});

it('an answer that its client did not wait for has a status of its own', () => {
  const request = { method: 'POST', route: { path: '/v1/chat/completions' } };
  expect(routeLabel(request, answered(200, false)).status).toBe('499');
});
