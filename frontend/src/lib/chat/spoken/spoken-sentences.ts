/** Sentences that a growing text has finished, as they are to be spoken, and how far they go. */
export interface SpokenSentences {
  readonly sentences: readonly string[];
  /** In UTF-16 units of the whole text: where the next one begins. */
  readonly end: number;
}

/** Longer ones are cut: nobody listens so long, and looking for marks in them would hold up the page. */
const MAX_SENTENCE_LENGTH = 2_000;
const FENCE = /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n|$)/m;

/**
 * What a screen reader is told of a reply that is being written, from `start` on: whole sentences only, without the
 * signs of Markdown. A block of code is announced by `codeBlock` and skipped, since nobody wants to hear its brackets.
 * @param isWhole nothing more will come: the rest is a sentence as it is
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
    // Before a fence nothing can be added to the prose any more.
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

/** The last one may be about to grow, unless a line has ended with it. */
function finishedSentences(prose: string, isWhole: boolean, locale: string | undefined): readonly string[] {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'sentence' });
  const segments = Array.from(segmenter.segment(prose), ({ segment }) => segment);
  if (!isWhole && !segments.at(-1)?.endsWith('\n')) segments.pop();
  return segments;
}

/** From the line that opens it to the one that closes it; `undefined` while that has not come. */
function lengthOfCode(text: string, opening: RegExpExecArray, isWhole: boolean): number | undefined {
  const [line, marks = '```'] = opening;
  const closing = new RegExp(`^ {0,3}${marks[0] ?? ''}{${marks.length},}[ \\t]*(?:\\n|$)`, 'm');
  const body = text.slice(line.length);
  const found = closing.exec(body);
  if (found) return line.length + found.index + found[0].length;
  return isWhole ? text.length : undefined;
}

/** A piece of Markdown as it would be read out. */
const spoken = (markdown: string): string =>
  markdown
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)+/gm, '')
    .replaceAll(/^[\s|:-]+$/gm, '')
    .replaceAll(/\s*\|\s*/g, ' ')
    .replaceAll(/[*`~]+|(?<!\p{L})_+|_+(?!\p{L})/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
