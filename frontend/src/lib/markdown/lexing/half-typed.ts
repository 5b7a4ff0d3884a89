import remend from 'remend';
import { findHalfTypedFormula } from './half-typed-formula.ts';

/** A task whose box is incomplete: it would be shown as brackets for a moment. */
const HALF_TYPED_TASK = /(^|\n)([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[(?:[ xX]\]?)?[ \t]*$/;

/** The first half of constructs that look different once complete: a footnote, the kind of an alert, a tag. */
const HALF_TYPED_MARK =
  /(^[ \t]*>[ \t]*)\[!?[a-z]*$|\[\^[^\s[\]]*$|<(?:!(?:-(?:-[^]{0,2000})?)?|\/?[a-z]{0,7}|(?:sub|sup|kbd|mark|br)\s[^<>]{0,100})$/i;
const DRAWN_TAG = /<(\/?)(sub|sup|kbd|mark)(?:\s[^<>]*)?>/gi;

/**
 * Completes the end of a growing text, for display only. Emphasis, code spans and links are closed; constructs that
 * would be shown as bare marks until they are complete, such as a formula or the box of a task, are held back.
 */
export function closeHalfTyped(source: string): string {
  const formulaAt = findHalfTypedFormula(source);
  const shown = formulaAt < 0 ? source.replace(HALF_TYPED_TASK, '$1$2') : source.slice(0, formulaAt);
  return closeMarks(withoutHalfMark(shown));
}

/** Completes the end of a text that was cut off: open constructs are closed, and nothing is held back. */
export const closeBrokenOff = (source: string): string => closeMarks(source);

function withoutHalfMark(source: string): string {
  const [half, quote = ''] = HALF_TYPED_MARK.exec(source.slice(source.lastIndexOf('\n') + 1)) ?? [];
  if (half === undefined || half.endsWith('-->')) return source;
  return source.slice(0, source.length - half.length) + quote;
}

function closeMarks(source: string): string {
  const closed = remend(source, {
    linkMode: 'text-only',
    // The lexer of this folder handles formulas, HTML and tildes.
    katex: false,
    htmlTags: false,
    singleTilde: false,
    comparisonOperators: false,
  });
  return closed + openTags(closed);
}

/** The closing tags of the elements that are open at the end. */
function openTags(source: string): string {
  const open: string[] = [];
  for (const [, slash, name = ''] of source.matchAll(DRAWN_TAG)) {
    if (slash === '') open.unshift(name.toLowerCase());
    else if (open[0] === name.toLowerCase()) open.shift();
  }
  return open.map((name) => `</${name}>`).join('');
}
