import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';
import type { ParserEnv } from './markdown-parser.ts';
import { NextPlaces } from './next-place.ts';

/** A longer one is not a formula: a single `$$` must not claim the whole text. */
const MAX_LENGTH = 20_000;
/** The limit if it contains a blank line: TeX allows none, but models write them. */
const MAX_LENGTH_WITH_BLANK_LINES = 4_000;
/**
 * Pandoc's rule for single dollars keeps prices text, as in "$5 and $10": no space inside either dollar,
 * no digit after the closing one.
 */
const SINGLE_DOLLARS = /\$(?![\s$])((?:\\[^\n]|[^$\\\n]){1,2000}?)(?<!\s)\$(?!\d)/y;
const CLOSING = { $$: '$$', '\\[': '\\]', '\\(': '\\)' } as const;

const inBlocks = new NextPlaces<StateBlock>();
const inLines = new NextPlaces<StateInline>();

/** `$$…$$` and `\[…\]` on lines of their own; `$…$`, `\(…\)`, and the other two within a line. */
export function formulas(markdown: MarkdownIt): void {
  markdown.block.ruler.before('table', 'formula', displayFormula, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  markdown.inline.ruler.before('escape', 'formula', inlineFormula);
}

function displayFormula(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
  const opening = state.src.slice(start, start + 2);
  if (opening !== '$$' && opening !== '\\[') return false;
  const found = lastLine(state, { startLine, endLine, start, opening });
  if (found === undefined) return false;
  const { line, isClosed } = found;
  const text = state
    .getLines(startLine, line + 1, state.blkIndent, false)
    .trim()
    .slice(2, isClosed ? -2 : undefined);
  if (isClosed && text.trim() === '') return false;
  if (silent) return true;
  const token = state.push('formula', '', 0);
  // The first half of the closing mark does not belong to the formula.
  token.content = (isClosed ? text : text.replace(/(?:\$|(?<!\\)\\)$/, '')).trim();
  token.meta = { isClosed };
  token.map = [startLine, line + 1];
  state.line = line + 1;
  return true;
}

interface Opening {
  readonly startLine: number;
  readonly endLine: number;
  /** The offset of its mark. */
  readonly start: number;
  readonly opening: '$$' | '\\[';
}

/** The last line of the formula; `undefined` if it is none. */
function lastLine(
  state: StateBlock,
  { startLine, endLine, start, opening }: Opening,
): { line: number; isClosed: boolean } | undefined {
  const { isGrowing } = state.env as ParserEnv;
  const closesAt = inBlocks.after(state, state.src, CLOSING[opening], start + 2);
  const blankAt = inBlocks.after(state, state.src, '\n\n', start);
  const isAlone = state.src.slice(start + 2, state.eMarks[startLine]).trim() === '';
  if (blankAt < closesAt && !isAlone) return undefined;
  const limit = start + (blankAt < closesAt ? MAX_LENGTH_WITH_BLANK_LINES : MAX_LENGTH);
  // No end so far, and it is too long or no more text comes.
  if (closesAt > limit && !(isGrowing && closesAt === Infinity && state.src.length <= limit)) return undefined;
  const endsAt = inBlocks.after(state, state.src, '\n', Math.min(closesAt + 2, state.src.length));
  if (state.src.slice(closesAt + 2, Math.min(endsAt, closesAt + 100)).trim() !== '') return undefined;
  for (let line = startLine; line < endLine; line += 1) {
    const end = state.eMarks[line] ?? 0;
    const isBlank = state.isEmpty(line);
    if (line > startLine && !isBlank && (state.sCount[line] ?? 0) < state.blkIndent) return undefined;
    // Within a quote, blank lines have a mark in the source.
    if (isBlank && !isAlone) return undefined;
    if (closesAt >= end) continue;
    return { line, isClosed: true };
  }
  const isAtEnd = endLine >= state.bMarks.length - 1;
  return isAtEnd && isGrowing ? { line: endLine - 1, isClosed: false } : undefined;
}

function inlineFormula(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  const after = (mark: string, from: number): number => inLines.after(state, src, mark, from);
  const found = formulaAt(src, pos, posMax, after);
  if (!found) return false;
  if (!silent) {
    const token = state.push('formula', '', 0);
    token.content = found.text.trim();
    token.meta = { isDisplay: found.isDisplay };
  }
  state.pos = found.end;
  return true;
}

/** A formula within a line. */
export interface InlineFormula {
  readonly text: string;
  readonly isDisplay: boolean;
  /** Its end in the source. */
  readonly end: number;
}

/**
 * The formula that begins at `start` of `source` and ends before `limit`, if any.
 * @param after finds the next mark from an offset on
 */
export function formulaAt(
  source: string,
  start: number,
  limit: number,
  after: (mark: string, from: number) => number,
): InlineFormula | undefined {
  if (source[start] !== '$' && source[start] !== '\\') return undefined;
  const opening = source.slice(start, start + 2);
  if (opening === '$$' || opening === '\\(' || opening === '\\[') {
    const end = after(CLOSING[opening], start + 2);
    if (end + 2 > limit || end - start > MAX_LENGTH) return undefined;
    const text = source.slice(start + 2, end);
    if (text.trim() === '') return undefined;
    // Dollars with text around them are a part of the sentence, however many there are.
    return { text, isDisplay: opening === '\\[', end: end + 2 };
  }
  SINGLE_DOLLARS.lastIndex = start;
  const [raw, text] = SINGLE_DOLLARS.exec(source) ?? [];
  if (raw === undefined || text === undefined || start + raw.length > limit) return undefined;
  return { text, isDisplay: false, end: start + raw.length };
}
