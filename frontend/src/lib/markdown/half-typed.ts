import remend from 'remend';
import { findHalfTypedFormula } from './half-typed-formula.ts';

/** The mark of a task whose box is not complete: for a moment it would be a pair of brackets. */
const HALF_TYPED_TASK = /(^|\n)([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[(?:[ xX]\]?)?[ \t]*$/;

/**
 * The text as a reader expects it before its end is typed; for display only. Emphasis, code spans and links are closed,
 * and what would be shown as bare marks until its end comes is held back: a formula, the box of a task.
 */
export function closeHalfTyped(source: string): string {
  const formulaAt = findHalfTypedFormula(source);
  const shown = formulaAt < 0 ? source.replace(HALF_TYPED_TASK, '$1$2') : source.slice(0, formulaAt);
  return closeMarks(shown);
}

/** A text whose end will not come: what is open at its end is closed, and nothing is held back any more. */
export const closeBrokenOff = (source: string): string => closeMarks(source);

const closeMarks = (source: string): string =>
  remend(source, {
    linkMode: 'text-only',
    // The lexer of this folder knows better about formulas, HTML and tildes.
    katex: false,
    htmlTags: false,
    singleTilde: false,
    comparisonOperators: false,
  });
