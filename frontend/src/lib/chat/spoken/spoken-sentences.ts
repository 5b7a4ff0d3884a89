/** The finished sentences of a growing text as they are spoken, and where they end. */
export interface SpokenSentences {
  readonly sentences: readonly string[];
  /** Where the next sentence begins, in UTF-16 units of the whole text. */
  readonly end: number;
}

/** Longer sentences are cut: searching them for marks would block the page. */
const MAX_SENTENCE_LENGTH = 2_000;
const FENCE = /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n|$)/m;

/**
 * What a screen reader reads of a reply that is being written, from `start` on: whole sentences only, without Markdown
 * syntax. A code block is announced as `codeBlock` and skipped.
 * @param isWhole no more text will come: the rest is read as a sentence
 */
export function spokenSentences(
  text: string,
  start: number,
  isWhole: boolean,
  codeBlock: string,
  locale?: string,
): SpokenSentences {
  const sentences: string[] = [];
  let end = start;
  while (end < text.length) {
    const rest = text.slice(end, end + MAX_SENTENCE_LENGTH);
    const isCut = end + rest.length < text.length;
    const fence = FENCE.exec(rest);
    const prose = fence ? rest.slice(0, fence.index) : rest;
    // The prose before a fence cannot grow any more.
    const found = finishedSentences(prose, fence !== null || (isWhole && !isCut), locale);
    const finished = found.length === 0 && isCut && !fence ? [prose] : found;
    sentences.push(...finished.map(spoken).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence)));
    end += finished.reduce((length, sentence) => length + sentence.length, 0);
    if (!fence) {
      if (isCut) continue;
      break;
    }
    const length = lengthOfCode(text.slice(end), fence, isWhole);
    if (length === undefined) break;
    sentences.push(codeBlock);
    end += length;
  }
  return { sentences, end };
}

/** The last sentence may still grow, unless a line ended with it. */
function finishedSentences(prose: string, isWhole: boolean, locale: string | undefined): readonly string[] {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'sentence' });
  const segments = Array.from(segmenter.segment(prose), ({ segment }) => segment);
  if (!isWhole && !segments.at(-1)?.endsWith('\n')) segments.pop();
  return segments;
}

/** Length of a code block with both fences; `undefined` while the closing fence is missing. */
function lengthOfCode(text: string, opening: RegExpExecArray, isWhole: boolean): number | undefined {
  const [line, marks = '```'] = opening;
  const closing = new RegExp(`^ {0,3}${marks[0] ?? ''}{${marks.length},}[ \\t]*(?:\\n|$)`, 'm');
  const body = text.slice(line.length);
  const found = closing.exec(body);
  if (found) return line.length + found.index + found[0].length;
  return isWhole ? text.length : undefined;
}

/** A piece of Markdown as plain text. */
const spoken = (markdown: string): string =>
  markdown
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)+/gm, '')
    .replaceAll(/^[\s|:-]+$/gm, '')
    .replaceAll(/\s*\|\s*/g, ' ')
    .replaceAll(/[*`~]+|(?<!\p{L})_+|_+(?!\p{L})/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
