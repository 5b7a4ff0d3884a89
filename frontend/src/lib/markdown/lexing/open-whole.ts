import type { LexedBlock } from './block-lexer.ts';
import { FenceEnd } from '../parser/fence-end.ts';
import { htmlToken } from '../parser/html-token.ts';
import type { BlockToken } from '../token.types.ts';

/** How the lines of an open block are read. */
interface Reading {
  /** Whether a line (without its break) is the last of the block, or the first after it. Called once for each line. */
  isEnd(line: string): boolean;
  /** The same for a line that is still incomplete. */
  mayBeEnd(line: string): boolean;
  /** The token of the block while it is open. */
  token(source: string): BlockToken;
  /** Whether the block keeps its type if the text ends before the block does. */
  readonly isCertain: boolean;
}

const OPENING = /^( {0,3})(`{3,}|~{3,})[^\n]*\n/;
/** The end conditions of HTML blocks by their start (CommonMark, types 1 to 5); any other ends before a blank line. */
const HTML: readonly (readonly [begins: RegExp, ends: RegExp])[] = [
  [/^<(?:script|pre|style|textarea)(?=[\s>]|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<![a-z]/i, />/],
  [/^<!\[CDATA\[/, /\]\]>/],
];
const BLANK = /^[ \t]*$/;
/** Columns of a tab stop. */
const TAB = 4;
/** An indent of at least four columns. */
const SET_IN = /^(?: {0,3}\t| {4})/;

/**
 * Code or HTML without an end so far. Only its text can change until then, so the lexer need not run: a long listing
 * costs only as much as its new lines.
 */
export class OpenWhole {
  readonly #reading: Reading;
  #checkedTo: number;

  private constructor(reading: Reading, checkedTo: number) {
    this.#reading = reading;
    this.#checkedTo = checkedTo;
  }

  /** `undefined` for a block that is closed, and for blocks of other types. */
  static of({ raw, token }: LexedBlock): OpenWhole | undefined {
    const firstEnd = raw.indexOf('\n') + 1;
    if (firstEnd === 0) return undefined;
    const reading = readingOf(raw, token);
    const whole = reading && new OpenWhole(reading, token.type === 'html' ? 0 : firstEnd);
    return whole?.mayEndIn(raw) ? undefined : whole;
  }

  /** Whether the block keeps its type if the text ends before the block does. */
  get isCertain(): boolean {
    return this.#reading.isCertain;
  }

  /** Whether `source`, which starts with the block, contains the end of the block or possibly a part of it. */
  mayEndIn(source: string): boolean {
    for (;;) {
      const newline = source.indexOf('\n', this.#checkedTo);
      if (newline < 0) return this.#reading.mayBeEnd(source.slice(this.#checkedTo));
      if (this.#reading.isEnd(source.slice(this.#checkedTo, newline))) return true;
      this.#checkedTo = newline + 1;
    }
  }

  token(source: string): BlockToken {
    return this.#reading.token(source);
  }
}

function readingOf(raw: string, token: BlockToken): Reading | undefined {
  if (token.type === 'html') return readingOfHtml(raw.trimStart());
  if (token.type !== 'code') return undefined;
  if (SET_IN.test(raw)) return CODE_SET_IN;
  const [opening, indent, mark] = OPENING.exec(raw) ?? [];
  if (opening === undefined || indent === undefined || mark === undefined || token.isClosed) return undefined;
  return readingOfFence(mark, token.info, opening.length, indent.length);
}

function readingOfFence(mark: string, info: string, bodyAt: number, indent: number): Reading {
  const end = new FenceEnd(mark, info);
  return {
    isEnd: (line) => end.isReachedBy(line),
    mayBeEnd: (line) => /^ {0,3}[`~]+[ \t]*$/.test(line),
    token: (source) => {
      const body = source.slice(bodyAt);
      const lastBreak = body.lastIndexOf('\n');
      const text = BLANK.test(body.slice(lastBreak + 1)) ? body.slice(0, Math.max(0, lastBreak)) : body;
      // The indent of the fence is removed from each line.
      return { type: 'code', info, text: withoutIndent(text, indent), isClosed: false };
    },
    isCertain: !end.mayNest,
  };
}

const isBehindCode = (line: string): boolean => !SET_IN.test(line) && !BLANK.test(line);
const CODE_SET_IN: Reading = {
  isEnd: isBehindCode,
  mayBeEnd: isBehindCode,
  token: (source) => {
    const end = source.indexOf('\n', source.trimEnd().length);
    const lines = end < 0 ? source : source.slice(0, end);
    return { type: 'code', info: '', text: withoutIndent(lines, TAB), isClosed: true };
  },
  isCertain: true,
};

/** Removes up to `columns` columns of indent from each line; the rest of a tab becomes spaces. */
function withoutIndent(text: string, columns: number): string {
  if (columns === 0) return text;
  const indent = new RegExp(`^(?: {0,${columns - 1}}\\t| {1,${columns}})`, 'gm');
  return text.replace(indent, (cut) => (cut.endsWith('\t') ? ' '.repeat(TAB - columns) : ''));
}

function readingOfHtml(html: string): Reading {
  const ends = HTML.find(([begins]) => begins.test(html))?.[1];
  return {
    isEnd: (line) => (ends ?? BLANK).test(line),
    mayBeEnd: (line) => (ends ? ends.test(line) : line !== '' && BLANK.test(line)),
    token: htmlToken,
    isCertain: true,
  };
}
