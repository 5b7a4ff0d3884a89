import { withoutMarkdown } from '../../models/text/without-markdown.js';
import { isVisible, withoutBidiControls } from '../../protocol/index.js';

const MAX_LENGTH = 60;

/**
 * The title of a new conversation until the model generates one: the first line of the first message, without Markdown,
 * cut between words to at most 60 characters.
 */
export function provisionalTitle(text: string): string {
  const line = firstVisibleLine(withoutBidiControls(text));
  const characters = [...line];
  if (characters.length <= MAX_LENGTH) return line;
  const cut = characters.slice(0, MAX_LENGTH - 1).join('');
  const atWord = cut.replace(/\s+\S*$/u, '');
  return `${atWord === '' ? cut : atWord}…`;
}

/**
 * The first visible line that does not open a code fence, without Markdown. For a message without any visible character
 * it is an ellipsis, so that the title is never empty.
 */
function firstVisibleLine(text: string): string {
  const lines = text.split('\n').filter(isVisible);
  const line = lines.find((candidate) => !/^\s*(?:`{3}|~{3})/.test(candidate)) ?? lines[0];
  if (line === undefined) return '…';
  const words = withoutMarkdown(line);
  return (isVisible(words) ? words : line).replaceAll(/\s+/gu, ' ').trim();
}
