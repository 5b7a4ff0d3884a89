import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import sirv from 'sirv';
import { z } from 'zod';
import { CannotStart } from './config/checks/cannot-start.js';
import { refuseMethod } from './common/other-methods.js';

/** The folder of files whose names contain a hash of their content. */
const IMMUTABLE = '/_app/immutable/';
const YEAR_S = 31_536_000;
/**
 * A file with regular expressions for the paths of the page's router; the build writes it (`page-routes.adapter.ts`).
 */
const ROUTES = '.routes.json';
/** Written by SvelteKit (`version.name` in `vite.config.ts`); the page has the same name compiled in. */
const VERSION_FILE = '_app/version.json';
const READING = ['GET', 'HEAD'];

/** The handlers of the built page, for an Express application. */
export interface ServedPage {
  /** The name of its build. */
  readonly version: string;
  /** Serves the files of the page, and `index.html` at the paths of its router; passes on other requests. */
  readonly serve: RequestHandler;
  /** Handles requests without a route: answers 404 with the page to clients that prefer HTML to JSON. */
  readonly missing: RequestHandler;
}

/** @throws CannotStart when the page was not built */
export function readPage(folder: string): ServedPage {
  const index = join(folder, 'index.html');
  const routesFile = join(folder, ROUTES);
  const versionFile = join(folder, VERSION_FILE);
  for (const path of [index, routesFile, versionFile]) {
    if (!existsSync(path)) {
      throw new CannotStart(`The page is not built: ${path} is missing. Run npm start, or npm run build.`);
    }
  }
  const routes = z
    .array(z.string())
    .parse(JSON.parse(readFileSync(routesFile, 'utf8')))
    .map((source) => new RegExp(source));
  const paths = new Set(readdirSync(folder, { encoding: 'utf8', recursive: true }).map((path) => `/${path}`));
  const files = sirv(folder, {
    brotli: true,
    gzip: true,
    etag: true,
    setHeaders: (response, path) => {
      const isImmutable = path.startsWith(IMMUTABLE);
      response.setHeader('Cache-Control', isImmutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
    },
  });
  const isRoute = (path: string): boolean => routes.some((route) => route.test(path));
  return {
    version: z.object({ version: z.string() }).parse(JSON.parse(readFileSync(versionFile, 'utf8'))).version,
    serve: (request, response, next) => {
      if (!READING.includes(request.method)) {
        if (!isRoute(request.path) && !paths.has(request.path)) return next();
        return refuseMethod(READING, request, response, next);
      }
      files(request, response, () => {
        if (!isRoute(request.path)) return next();
        request.url = '/index.html';
        files(request, response, next);
      });
    },
    missing: (request, response, next) => {
      response.vary('Accept');
      const isForReading = request.accepts(['json', 'html']) === 'html' && !/^\/(api|v1)\//.test(request.path);
      if (!READING.includes(request.method) || !isForReading) return next();
      response.status(404).set('Cache-Control', 'no-cache').sendFile(index, { cacheControl: false });
    },
  };
}
