import { ensureBuilt } from '../../../scripts/build/ensure-built.ts';
import { server } from '../../../scripts/build/outputs.ts';

/**
 * Those exports of the built server that a bench measures, of modules named by their paths in `dist`. The caller says
 * what they are: the server is built by other rules than a bench is checked by.
 */
export async function loadServerModules<Program extends object>(paths: readonly string[]): Promise<Program> {
  await ensureBuilt(server);
  const modules = await Promise.all(
    paths.map((path) => import(new URL(`../../../dist/${path}.js`, import.meta.url).href) as Promise<object>),
  );
  return Object.assign({}, ...modules) as Program;
}
