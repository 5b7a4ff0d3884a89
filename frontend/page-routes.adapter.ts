import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Adapter } from '@sveltejs/kit';

/** The addresses of the page's router as regular expressions, in JSON; the leading dot keeps the file from being served. */
const FILE = '.routes.json';

/** An adapter that also tells the server which addresses the page has: the server answers 404 at all others. */
export const withRoutes = (adapter: Adapter, folder: string): Adapter => ({
  ...adapter,
  async adapt(builder) {
    await adapter.adapt(builder);
    const pages = builder.routes.filter(({ page }) => page.methods.includes('GET'));
    writeFileSync(join(folder, FILE), JSON.stringify(pages.map(({ pattern }) => pattern.source)));
  },
});
