import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { RequestHandler } from 'express';
import sirv from 'sirv';

/** Files whose names carry a hash of their content. */
const IMMUTABLE = '/_app/immutable/';
const YEAR_S = 31_536_000;

/** Serves the built page: its files as they are, and `index.html` for every address that the page's own router knows. */
export function servePage(folder: string): RequestHandler {
  const index = join(folder, 'index.html');
  if (!existsSync(index))
    throw new Error(`The page is not built: ${index} is missing. Run npm start, or npm run build.`);
  const files = sirv(folder, {
    brotli: true,
    gzip: true,
    etag: true,
    setHeaders: (response, path) => {
      const isImmutable = path.startsWith(IMMUTABLE);
      response.setHeader('Cache-Control', isImmutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
    },
  });
  return (request, response, next) => {
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (!isReading) return next();
    files(request, response, () => {
      // A missing file is missing: answering it with the page would only hide that.
      if (extname(request.path) !== '' || /^\/(api|socket\.io|health|metrics|stand-in)\b/.test(request.path))
        return next();
      request.url = '/index.html';
      files(request, response, next);
    });
  };
}
