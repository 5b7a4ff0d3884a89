import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const PAGE = 'bench/README.md';

/**
 * Writes figures into bench/README.md, between `<!-- name -->` and `<!-- /name -->`.
 * @throws Error when the file has no such markers
 */
export async function writeFigures(name: string, markdown: string): Promise<void> {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${PAGE} has no ${begin} ... ${end}`);
  const changed = `${page.slice(0, from + begin.length)}\n\n${markdown}\n\n${page.slice(to)}`;
  writeFileSync(PAGE, await format(changed, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
}
