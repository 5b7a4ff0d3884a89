import { ensureBuilt } from '../../../scripts/build.ts';
import { server } from '../../../scripts/outputs.ts';

/**
 * The exports of modules of the built server, named by their paths in `dist`. The caller declares their types, since
 * the server is compiled with other options than a bench.
 */
export async function loadServerModules<Program extends object>(paths: readonly string[]): Promise<Program> {
  await ensureBuilt(server);
  const modules = await Promise.all(
    paths.map((path) => import(new URL(`../../../dist/${path}.js`, import.meta.url).href) as Promise<object>),
  );
  return Object.assign({}, ...modules) as Program;
}
