import { displayFormulaAt, inlineFormulaAt } from './formula.extension.ts';

/** A formula that is longer is shown as it is typed: nobody waits that long for a dollar that meant something else. */
const MAX_INLINE = 200;
const MAX_DISPLAY = 2_000;
/** What TeX is made of and prose is not. */
const TEX = /[\\^_{}=+*/<>|()[\]-]/;

/** Where a formula begins that may still get its end, or -1. Prices, variables of a shell and lone dollars are none. */
export function findHalfTypedFormula(source: string): number {
  const mark = /[`\\$]/g;
  for (let match = mark.exec(source); match; match = mark.exec(source)) {
    const end = endOfPart(source, match.index);
    if (end < 0) return match.index;
    mark.lastIndex = end;
  }
  return -1;
}

/** Where the part that begins at `at` ends. -1 if it is a formula whose end has not come. */
function endOfPart(source: string, at: number): number {
  if (source[at] === '`') return endOfCode(source, at);
  return source[at] === '$' ? endOfDollars(source, at) : endOfEscape(source, at);
}

function endOfCode(source: string, at: number): number {
  const mark = /^`+/.exec(source.slice(at))?.[0] ?? '`';
  const rest = source.slice(at + mark.length);
  const closing = new RegExp(`(?<!\`)${mark}(?!\`)`).exec(rest);
  // Open code is code to its end: a dollar in it is one.
  return closing ? at + mark.length + closing.index + mark.length : source.length;
}

function endOfEscape(source: string, at: number): number {
  const opening = source.slice(at, at + 2);
  if (opening === '\\') return -1;
  if (opening !== '\\(' && opening !== '\\[') return at + 2;
  const formula = source.slice(at);
  const whole = opening === '\\(' ? inlineFormulaAt(formula) : displayFormulaAt(formula);
  if (whole !== undefined) return at + whole.length;
  return isOpen(formula.slice(2), opening === '\\[') ? -1 : at + 2;
}

function endOfDollars(source: string, at: number): number {
  const rest = source.slice(at);
  const whole = displayFormulaAt(rest) ?? inlineFormulaAt(rest);
  if (whole !== undefined) return at + whole.length;
  if (rest.startsWith('$$')) return isOpen(rest.slice(2), true) ? -1 : at + 2;
  return mayBeFormula(rest.slice(1)) ? -1 : at + 1;
}

const isOpen = (text: string, isDisplay: boolean): boolean =>
  isDisplay
    ? text.length <= MAX_DISPLAY && !/\n[ \t]*\n/.test(text)
    : text.length <= MAX_INLINE && !text.includes('\n');

/** Whether what follows a dollar looks like the beginning of a formula more than like anything else. */
function mayBeFormula(text: string): boolean {
  if (text.length > MAX_INLINE || /[\n$]/.test(text) || /^\s/.test(text)) return false;
  // "$5" and "$2x" are decided by what follows, "$5 and" is a price.
  if (/^\d/.test(text)) return /^\d[\d.,]*[a-z]?$/i.test(text) || /^\d[\d.,]*[a-z]{0,2} ?[\\^_{]/i.test(text);
  return TEX.test(text) || /^[a-z]{0,2}(?:[ ,].{0,12})?$/i.test(text);
}
