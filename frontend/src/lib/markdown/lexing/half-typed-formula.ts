import { formulaAt } from '../parser/formula.rule.ts';
import { NextPlaces } from '../parser/next-place.ts';

/** A longer open formula is shown as typed: its dollar probably meant something else. */
const MAX_INLINE = 200;
const MAX_DISPLAY = 2_000;
/** Characters that occur in TeX and not in prose. */
const TEX = /[\\^_{}=+*/<>|()[\]-]/;

const places = new NextPlaces<object>();

/** Where an unfinished formula begins, or -1. Prices, shell variables and single dollars are not formulas. */
export function findHalfTypedFormula(source: string): number {
  const search = { source };
  const after = (mark: string, from: number): number => places.after(search, source, mark, from);
  const mark = /[`\\$]/g;
  for (let match = mark.exec(source); match; match = mark.exec(source)) {
    const end = endOfPart(source, match.index, after);
    if (end < 0) return match.index;
    mark.lastIndex = end;
  }
  return -1;
}

type After = (mark: string, from: number) => number;

/** Where the construct at `at` ends. -1 if it is a formula without an end. */
function endOfPart(source: string, at: number, after: After): number {
  if (source[at] === '`') return endOfCode(source, at, after);
  const whole = formulaAt(source, at, source.length, after);
  if (whole && !/\n[ \t]*\n/.test(whole.text)) return whole.end;
  return source[at] === '$' ? endOfDollars(source, at) : endOfEscape(source, at);
}

function endOfCode(source: string, at: number, after: After): number {
  const mark = /^`+/.exec(source.slice(at, at + 100))?.[0] ?? '`';
  for (let end = after(mark, at + mark.length); end < source.length;) {
    const run = /^`+/.exec(source.slice(end, end + 100))?.[0].length ?? 1;
    if (run === mark.length) return end + run;
    end = after(mark, end + run);
  }
  // Open code extends to the end: a dollar in it is plain text.
  return source.length;
}

function endOfEscape(source: string, at: number): number {
  const opening = source.slice(at, at + 2);
  if (opening === '\\') return -1;
  if (opening !== '\\(' && opening !== '\\[') return at + 2;
  return isOpen(source.slice(at + 2, at + 3 + MAX_DISPLAY), opening === '\\[') ? -1 : at + 2;
}

function endOfDollars(source: string, at: number): number {
  if (source.startsWith('$$', at)) return isOpen(source.slice(at + 2, at + 3 + MAX_DISPLAY), true) ? -1 : at + 2;
  return mayBeFormula(source.slice(at + 1, at + 2 + MAX_INLINE)) ? -1 : at + 1;
}

const isOpen = (text: string, isDisplay: boolean): boolean =>
  isDisplay
    ? text.length <= MAX_DISPLAY && !/\n[ \t]*\n/.test(text)
    : text.length <= MAX_INLINE && !/\n[ \t]*\n/.test(text);

/** Whether the text after a dollar looks like the beginning of a formula. */
function mayBeFormula(text: string): boolean {
  if (text.length > MAX_INLINE || /[\n$]/.test(text) || /^\s/.test(text)) return false;
  // "$5" and "$2x" depend on what follows; "$5 and" is a price.
  if (/^\d/.test(text)) return /^\d[\d.,]*[a-z]?$/i.test(text) || /^\d[\d.,]*[a-z]{0,2} ?[\\^_{]/i.test(text);
  return TEX.test(text) || /^[a-z]{0,2}(?:[ ,].{0,12})?$/i.test(text);
}
