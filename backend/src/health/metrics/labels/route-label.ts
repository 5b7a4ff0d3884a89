import type { ServerResponse } from 'node:http';
import type { Request } from 'express';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** What proxies log for a client that has closed the connection before it had the whole answer. */
const CLOSED_BY_CLIENT = 499;

interface RouteLabel {
  readonly method: string;
  readonly route: string;
  readonly status: string;
}

/**
 * The labels of an answered request. `route` is the pattern of the route, such as `/api/conversations/:id`; `page` for
 * the files and paths of the page, and `unmatched` for everything else, so that clients cannot invent values.
 */
export function routeLabel({ method, route }: Pick<Request, 'method' | 'route'>, response: ServerResponse): RouteLabel {
  const { statusCode, writableFinished } = response;
  const status = writableFinished ? statusCode : CLOSED_BY_CLIENT;
  return {
    method: METHODS.has(method) ? method : 'other',
    route: patternOf(route) ?? (isOfPage(method, statusCode) ? 'page' : 'unmatched'),
    status: String(status),
  };
}

/** Middleware for all paths is a route of Express too. */
function patternOf(route: unknown): string | undefined {
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  return typeof path === 'string' && !path.includes('*') ? path : undefined;
}

/** Nothing else is answered without a route. */
const isOfPage = (method: string, status: number): boolean => /^(GET|HEAD)$/.test(method) && status < 400;
