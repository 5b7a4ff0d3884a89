import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const PAGE = 'bench/README.md';

/**
 * Writes figures into a page, between `<!-- name -->` and `<!-- /name -->`.
 * @throws Error when the file has no such markers
 */
export async function writeFigures(name: string, markdown: string, page = PAGE): Promise<void> {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${page} has no ${begin} ... ${end}`);
  const changed = `${text.slice(0, from + begin.length)}\n\n${markdown}\n\n${text.slice(to)}`;
  writeFileSync(page, await format(changed, { ...(await resolveConfig(page)), filepath: page }));
}
