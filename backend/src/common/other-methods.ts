import { METHODS } from 'node:http';
import { MethodNotAllowedException } from '@nestjs/common';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import { pathToRegexp } from 'path-to-regexp';

/**
 * Answers a request with a method that the route does not support: 405 with the supported methods in `Allow` (RFC
 * 9110); `OPTIONS` gets only these.
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
  next(new MethodNotAllowedException(`This address supports ${allowed}, not ${request.method}.`));
}

/** Handles requests without a route: refuses the method if other methods have one, and passes on the rest. */
export function refuseOtherMethods(web: Express): RequestHandler {
  // Collected at the first request, because there are no routes before the server has started.
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

/** The routes of Express, matched in the same way as Express does. */
const routesOf = ({ router }: Express): readonly Route[] =>
  router.stack.flatMap(({ route }) => {
    // Skip middleware for all methods, such as the log of requests.
    if (!route || route.stack.length >= METHODS.length) return [];
    const path = pathToRegexp(route.path).regexp;
    return route.stack.map(({ method }) => ({ method: method.toUpperCase(), path }));
  });
