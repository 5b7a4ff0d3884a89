import type { TokenizerExtension } from 'marked';
import type { FormulaToken } from './token.types.ts';

/** TeX allows no blank line in a display formula, and so a lone `$$` spoils one paragraph at most. */
const INSIDE = String.raw`(?:(?!\n[ \t]*\n)[^])`;
const DISPLAY_BLOCK = new RegExp(String.raw`^ {0,3}(?:\$\$(${INSIDE}+?)\$\$|\\\[(${INSIDE}+?)\\\])[ \t]*(?:\n|$)`);
const DISPLAY_INLINE = new RegExp(String.raw`^(?:\$\$(${INSIDE}+?)\$\$|\\\[(${INSIDE}+?)\\\])`);
/**
 * Pandoc's rule for single dollars keeps prices text, as in "$5 and $10": no space inside of either dollar,
 * no digit behind the closing one.
 */
const INLINE = /^(?:\$(?![\s$])((?:\\[^\n]|[^$\\\n])+?)(?<!\s)\$(?!\d)|\\\(([^\n]+?)\\\))/;
const DISPLAY_START = /^ {0,3}(?:\$\$|\\\[)/m;

function formula(match: RegExpExecArray | null, isDisplay: boolean): FormulaToken | undefined {
  const text = (match?.[1] ?? match?.[2] ?? '').trim();
  return match && text !== '' ? { type: 'formula', raw: match[0], text, isDisplay } : undefined;
}

/** The display formula that `source` begins with, with its marks. */
export const displayFormulaAt = (source: string): string | undefined => DISPLAY_INLINE.exec(source)?.[0];
/** The same for one within a line. */
export const inlineFormulaAt = (source: string): string | undefined => INLINE.exec(source)?.[0];

const toBlankLine = (source: string): string => {
  const end = source.indexOf('\n\n');
  return end < 0 ? source : source.slice(0, end);
};

/** `$$...$$` and `\[...\]` that stand alone. */
export const displayFormula: TokenizerExtension = {
  name: 'displayFormula',
  level: 'block',
  // Looking no further than the paragraph keeps the cost of a long text linear.
  start: (source) => DISPLAY_START.exec(toBlankLine(source))?.index,
  tokenizer: (source) => formula(DISPLAY_BLOCK.exec(source), true),
};

/** `$...$` and `\(...\)` within a line, and display formulas with text around them. */
export const inlineFormula: TokenizerExtension = {
  name: 'inlineFormula',
  level: 'inline',
  start: (source) => /\$|\\[([]/.exec(source)?.index,
  tokenizer: (source) => formula(DISPLAY_INLINE.exec(source), true) ?? formula(INLINE.exec(source), false),
};

/**
 * Where a display formula begins whose end has not been typed yet, or -1. Without this its lines would pass for lists
 * and headings until it is closed: `- b` and a line of `=` are common in formulas.
 */
export function findOpenFormula(source: string): number {
  const opening = /^ {0,3}(\$\$|\\\[)/gm;
  opening.lastIndex = endOfLastBlankLine(source);
  for (let match = opening.exec(source); match; match = opening.exec(source)) {
    const end = source.indexOf(match[1] === '$$' ? '$$' : '\\]', opening.lastIndex);
    if (end < 0) return match.index;
    opening.lastIndex = end + 2;
  }
  return -1;
}

function endOfLastBlankLine(source: string): number {
  let at = source.length;
  while (at > 0) {
    const newline = source.lastIndexOf('\n', at - 1);
    if (newline < 0) return 0;
    const before = source.lastIndexOf('\n', newline - 1);
    if (newline > 0 && before >= 0 && source.slice(before + 1, newline).trim() === '') return newline + 1;
    at = newline;
  }
  return 0;
}
