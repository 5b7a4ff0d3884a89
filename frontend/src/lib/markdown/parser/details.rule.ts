import type { MarkdownIt, StateBlock } from 'markdown-it';
import type { ParserEnv } from './markdown-parser.ts';
import { FenceEnd } from './fence-end.ts';

const OPENING = /^<details(\s[^<>]*)?>/i;
const SUMMARY = /^\s*<summary(?:\s[^<>]*)?>([^]*?)<\/summary>/i;
const TAGS = /<(\/?)details(?:\s[^<>]*)?>/gi;
const MAX_DEPTH = 8;

/** `<details>` with a summary and blocks; without an end it extends to the end of the text, as in browsers. */
export function details(markdown: MarkdownIt): void {
  markdown.block.ruler.before('html_block', 'details', element, { alt: ['paragraph', 'reference', 'blockquote'] });
}

function element(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const env = state.env as ParserEnv;
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4 || env.depth >= MAX_DEPTH) return false;
  const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
  const [opening, attributes = ''] = OPENING.exec(state.src.slice(start, state.eMarks[startLine])) ?? [];
  if (opening === undefined) return false;
  if (silent) return true;

  const { lastLine, isClosed } = endOf(state, startLine, endLine);
  const source = state
    .getLines(startLine, lastLine + 1, state.blkIndent, false)
    .trimStart()
    .slice(opening.length);
  const closesAt = isClosed ? source.toLowerCase().lastIndexOf('</details') : source.length;
  const inside = source.slice(0, closesAt);
  const [summary, title] = SUMMARY.exec(inside) ?? [];
  const nested = { ...env, depth: env.depth + 1, isGrowing: env.isGrowing && !isClosed };

  const token = state.push('details_open', '', 1);
  token.map = [startLine, lastLine + 1];
  token.meta = { isExpanded: /\bopen\b/i.test(attributes), summary: title?.trim() };
  state.push('details_body_open', '', 1);
  state.md.block.parse(inside.slice(summary?.length ?? 0), state.md, nested, state.tokens);
  state.push('details_body_close', '', -1);
  // Text after the closing tag on the same line does not belong to it.
  const after = source.slice(closesAt).replace(/^<\/details\s*>/i, '');
  state.md.block.parse(after, state.md, nested, state.tokens);
  state.push('details_close', '', -1);
  state.line = lastLine + 1;
  return true;
}

function endOf(state: StateBlock, startLine: number, endLine: number): { lastLine: number; isClosed: boolean } {
  let open = 0;
  let fence: FenceEnd | undefined;
  let line = startLine;
  for (; line < endLine; line += 1) {
    if (line > startLine && !state.isEmpty(line) && (state.sCount[line] ?? 0) < state.blkIndent) break;
    const text = state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
    if (fence) {
      if (fence.isReachedBy(text)) fence = undefined;
      continue;
    }
    const [, mark, info] = /^(`{3,}(?=[^`]*$)|~{3,})(.*)$/.exec(text) ?? [];
    if (mark !== undefined && info !== undefined) fence = new FenceEnd(mark, info);
    else for (const [, slash] of text.matchAll(TAGS)) open += slash === '/' ? -1 : 1;
    if (open <= 0) return { lastLine: line, isClosed: true };
  }
  return { lastLine: line - 1, isClosed: false };
}
