import type { MarkdownIt, StateBlock } from 'markdown-it';

/** Lists and quotes that nest deeper are never meant, and each level costs stack; a level of a list counts twice. */
const MAX_LEVEL = 48;

/** What nests deeper is shown as its source. (The parser's own limit would drop it.) */
export function depthLimit(markdown: MarkdownIt): void {
  markdown.block.ruler.before('table', 'depth', (state: StateBlock, startLine: number, endLine: number) => {
    if (state.level < MAX_LEVEL) return false;
    let line = startLine + 1;
    while (line < endLine && (state.isEmpty(line) || (state.sCount[line] ?? 0) >= state.blkIndent)) line += 1;
    const token = state.push('too_deep', '', 0);
    token.map = [startLine, line];
    token.content = state.getLines(startLine, line, state.blkIndent, false);
    state.line = line;
    return true;
  });
}
