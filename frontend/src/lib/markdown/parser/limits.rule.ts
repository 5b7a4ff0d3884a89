import type { MarkdownIt, StateBlock } from 'markdown-it';

/** The parser's own limit. Deeper inline content only loses its marks, but a deeper block would be dropped. */
export const MAX_NESTING = 40;
/** So blocks stop earlier: lists and quotes that deep are not meant. A level of a list counts twice. */
const MAX_BLOCK_LEVEL = 32;
/** Browsers are slow to compute the widths of more. */
const MAX_COLUMNS = 100;
/** Cells of one table. Further lines become a paragraph: a cell costs far more than its characters. */
const MAX_CELLS = 3_000;

/** Limits blocks that are short to write but slow to draw. */
export function limits(markdown: MarkdownIt): void {
  const { ruler } = markdown.block;
  const rule = (name: string) => ruler.__rules__[ruler.__find__(name)]?.fn;
  const table = rule('table');
  if (table) {
    const shortTable: typeof table = (state, startLine, endLine, silent) => {
      // As GFM has it, code and HTML begin with their first line, which is then no head of a table. The parser would
      // look at the second line first, and so take an open fence that is already shown for a table.
      if (['fence', 'html_block'].some((name) => rule(name)?.(state, startLine, endLine, true))) return false;
      const cells = columns(state, startLine);
      return (
        cells <= MAX_COLUMNS &&
        table(state, startLine, Math.min(endLine, startLine + 2 + Math.floor(MAX_CELLS / cells)), silent)
      );
    };
    ruler.at('table', shortTable, { alt: ['paragraph', 'reference'] });
  }
  ruler.before('table', 'too_deep', tooDeep);
}

/** An upper bound for the number of columns. */
const columns = (state: StateBlock, line: number): number =>
  state.src.slice(state.bMarks[line], state.eMarks[line]).split('|').length;

/** Blocks that nest too deep are shown as source. */
function tooDeep(state: StateBlock, startLine: number, endLine: number): boolean {
  if (state.level < MAX_BLOCK_LEVEL) return false;
  let line = startLine + 1;
  while (line < endLine && (state.isEmpty(line) || (state.sCount[line] ?? 0) >= state.blkIndent)) line += 1;
  const token = state.push('too_deep', '', 0);
  token.map = [startLine, line];
  token.content = state.getLines(startLine, line, state.blkIndent, false);
  state.line = line;
  return true;
}
