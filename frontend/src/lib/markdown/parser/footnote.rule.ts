import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';

/** As on GitHub: no space and no bracket in a label. */
const DEFINITION = /^\[\^([^\s[\]]{1,200})\]:[ \t]*/;
const REFERENCE = /\[\^([^\s[\]]{1,200})\]/y;
/** Indent of the continuation lines of a definition. */
const INDENT = 4;

/** `[^1]` and `[^1]: …`. Whether a reference is defined is decided when it is drawn: the definition may come later. */
export function footnotes(markdown: MarkdownIt): void {
  markdown.block.ruler.before('reference', 'footnote', definition, { alt: ['paragraph', 'reference'] });
  markdown.inline.ruler.before('link', 'footnote', reference);
}

function definition(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const indent = state.sCount[startLine] ?? 0;
  if (indent - state.blkIndent >= 4) return false;
  const begin = state.bMarks[startLine] ?? 0;
  const shift = state.tShift[startLine] ?? 0;
  const [raw, label] =
    DEFINITION.exec(state.src.slice(begin + shift, Math.min(begin + shift + 240, state.eMarks[startLine] ?? 0))) ?? [];
  if (raw === undefined || label === undefined) return false;
  if (silent) return true;

  const { blkIndent, parentType, tight } = state;
  const token = state.push('footnote_open', '', 1);
  token.content = label;
  const lines: [number, number] = [startLine, 0];
  token.map = lines;
  // Its first line begins after the label, as that of a list item begins after its marker.
  state.bMarks[startLine] = begin + shift + raw.length;
  state.tShift[startLine] = 0;
  state.blkIndent += INDENT;
  state.sCount[startLine] = state.blkIndent;
  state.parentType = 'footnote';
  state.md.block.tokenize(state, startLine, endLine);
  Object.assign(state, { blkIndent, parentType, tight });
  state.bMarks[startLine] = begin;
  state.tShift[startLine] = shift;
  state.sCount[startLine] = indent;
  lines[1] = state.line;
  state.push('footnote_close', '', -1);
  return true;
}

function reference(state: StateInline, silent: boolean): boolean {
  REFERENCE.lastIndex = state.pos;
  const [raw, label] = REFERENCE.exec(state.src) ?? [];
  if (raw === undefined || label === undefined || state.pos + raw.length > state.posMax) return false;
  // `[^1](…)` and `[^1][…]` are links.
  if (/[([]/.test(state.src[state.pos + raw.length] ?? '')) return false;
  if (!silent) state.push('footnote_reference', '', 0).content = label;
  state.pos += raw.length;
  return true;
}
