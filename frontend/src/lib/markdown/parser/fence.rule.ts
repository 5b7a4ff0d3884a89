import type { MarkdownIt, StateBlock } from 'markdown-it';
import { FenceEnd } from './fence-end.ts';
import type { ParserEnv } from './markdown-parser.ts';

/** Fenced code as in CommonMark, and Markdown fences with nested ones. */
export function fences(markdown: MarkdownIt): void {
  markdown.block.ruler.at('fence', fence, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
}

function fence(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const indent = state.sCount[startLine] ?? 0;
  if (indent - state.blkIndent >= 4) return false;
  const [, mark, info] = /^(`{3,}(?=[^`]*$)|~{3,})(.*)$/.exec(lineAt(state, startLine)) ?? [];
  if (mark === undefined || info === undefined) return false;
  if (silent) return true;

  const { isGrowing } = state.env as ParserEnv;
  let { line, isClosed } = endOf(state, startLine, endLine, new FenceEnd(mark, info));
  // The nested fence was none: the first mark closed the outer fence.
  if (!isClosed && !(isGrowing && line >= state.bMarks.length - 1)) {
    ({ line, isClosed } = endOf(state, startLine, endLine, new FenceEnd(mark, info, false)));
  }
  const token = state.push('fence', 'code', 0);
  token.info = info;
  token.content = state.getLines(startLine + 1, line, indent, true);
  token.markup = mark;
  // A mark at the very end of the text may continue and turn out to be none.
  const isCertain = isClosed && !(isGrowing && state.eMarks[line] === state.src.length);
  token.meta = { isClosed: isCertain };
  state.line = line + (isClosed ? 1 : 0);
  token.map = [startLine, state.line];
  return true;
}

/** The line that closes the fence, or the line before which the fence is cut off. */
function endOf(
  state: StateBlock,
  startLine: number,
  endLine: number,
  end: FenceEnd,
): { line: number; isClosed: boolean } {
  for (let line = startLine + 1; line < endLine; line += 1) {
    const indent = state.sCount[line] ?? 0;
    if (!state.isEmpty(line) && indent < state.blkIndent) return { line, isClosed: false };
    if (indent - state.blkIndent < 4 && end.isReachedBy(lineAt(state, line))) return { line, isClosed: true };
  }
  return { line: endLine, isClosed: false };
}

const lineAt = (state: StateBlock, line: number): string =>
  state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
