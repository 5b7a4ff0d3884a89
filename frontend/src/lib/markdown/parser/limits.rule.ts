import type { MarkdownIt, StateBlock } from 'markdown-it';

/** The parser gives up on what nests deeper. In a line that costs nothing but marks; a block it would drop. */
export const MAX_NESTING = 40;
/** So blocks stop before that: lists and quotes that nest deeper are never meant. A level of a list counts twice. */
const MAX_BLOCK_LEVEL = 32;
/** Browsers take long to find the widths of more. */
const MAX_COLUMNS = 100;
/** Of one table. The lines after them are a paragraph: each cell costs far more than its characters. */
const MAX_CELLS = 3_000;

/** Keeps blocks from taking long that are cheap to write. */
export function limits(markdown: MarkdownIt): void {
  const { ruler } = markdown.block;
  const table = ruler.__rules__[ruler.__find__('table')]?.fn;
  if (table) {
    const shortTable: typeof table = (state, startLine, endLine, silent) => {
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

/** How many there are at most. */
const columns = (state: StateBlock, line: number): number =>
  state.src.slice(state.bMarks[line], state.eMarks[line]).split('|').length;

/** What nests too deep is shown as its source. */
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
