import remend from 'remend';
import { findHalfTypedFormula } from './half-typed-formula.ts';

/** The mark of a task whose box is not complete: for a moment it would be a pair of brackets. */
const HALF_TYPED_TASK = /(^|\n)([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[(?:[ xX]\]?)?[ \t]*$/;

/** The first half of something that is drawn in another way once it is whole: a footnote, the kind of an alert, a tag. */
const HALF_TYPED_MARK =
  /(^[ \t]*>[ \t]*)\[!?[a-z]*$|\[\^[^\s[\]]*$|<(?:!(?:-(?:-[^]{0,2000})?)?|\/?[a-z]{0,7}|(?:sub|sup|kbd|mark|br)\s[^<>]{0,100})$/i;
const DRAWN_TAG = /<(\/?)(sub|sup|kbd|mark)(?:\s[^<>]*)?>/gi;

/**
 * The text as a reader expects it before its end is typed; for display only. Emphasis, code spans and links are closed,
 * and what would be shown as bare marks until its end comes is held back: a formula, the box of a task.
 */
export function closeHalfTyped(source: string): string {
  const formulaAt = findHalfTypedFormula(source);
  const shown = formulaAt < 0 ? source.replace(HALF_TYPED_TASK, '$1$2') : source.slice(0, formulaAt);
  return closeMarks(withoutHalfMark(shown));
}

/** A text whose end will not come: what is open at its end is closed, and nothing is held back any more. */
export const closeBrokenOff = (source: string): string => closeMarks(source);

function withoutHalfMark(source: string): string {
  const [half, quote = ''] = HALF_TYPED_MARK.exec(source.slice(source.lastIndexOf('\n') + 1)) ?? [];
  if (half === undefined || half.endsWith('-->')) return source;
  return source.slice(0, source.length - half.length) + quote;
}

function closeMarks(source: string): string {
  const closed = remend(source, {
    linkMode: 'text-only',
    // The lexer of this folder knows better about formulas, HTML and tildes.
    katex: false,
    htmlTags: false,
    singleTilde: false,
    comparisonOperators: false,
  });
  return closed + openTags(closed);
}

/** The ends of the elements that are open at the end. */
function openTags(source: string): string {
  const open: string[] = [];
  for (const [, slash, name = ''] of source.matchAll(DRAWN_TAG)) {
    if (slash === '') open.unshift(name.toLowerCase());
    else if (open[0] === name.toLowerCase()) open.shift();
  }
  return open.map((name) => `</${name}>`).join('');
}
