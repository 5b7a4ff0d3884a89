import { METHODS } from 'node:http';
import { MethodNotAllowedException } from '@nestjs/common';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import { pathToRegexp } from 'path-to-regexp';

/**
 * Answers a request for something that is there, by a method that it does not take: 405, and `Allow` says which ones
 * it takes (RFC 9110). `OPTIONS` asks for nothing else.
 */
export function refuseMethod(
  methods: readonly string[],
  request: Request,
  response: Response,
  next: NextFunction,
): void {
  const allowed = methods.join(', ');
  response.setHeader('Allow', allowed);
  if (request.method === 'OPTIONS') {
    response.status(204).end();
    return;
  }
  next(new MethodNotAllowedException(`This address takes ${allowed}, not ${request.method}.`));
}

/** For what no route has taken: refuses the method where another one has a route, and leaves the rest to others. */
export function refuseOtherMethods(web: Express): RequestHandler {
  // With the first request: there are no routes before the server has started.
  let routes: readonly Route[] | undefined;
  return (request, response, next) => {
    routes ??= routesOf(web);
    const methods = new Set(routes.filter(({ path }) => path.test(request.path)).map(({ method }) => method));
    if (methods.size === 0) return next();
    if (methods.has('GET')) methods.add('HEAD');
    refuseMethod([...methods].sort(), request, response, next);
  };
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
}

/** What Express itself would match, as it would match it. */
const routesOf = ({ router }: Express): readonly Route[] =>
  router.stack.flatMap(({ route }) => {
    // What is there for every method, as the log of requests, passes them on.
    if (!route || route.stack.length >= METHODS.length) return [];
    const path = pathToRegexp(route.path).regexp;
    return route.stack.map(({ method }) => ({ method: method.toUpperCase(), path }));
  });
