import { withoutMarkdown } from '../../models/text/without-markdown.js';
import { isVisible, withoutBidiControls } from '../../protocol/index.js';

const MAX_LENGTH = 60;

/** A title for the time until the model has made one: the first line of the first message, shortened at a word. */
export function provisionalTitle(text: string): string {
  const line = firstVisibleLine(withoutBidiControls(text));
  const characters = [...line];
  if (characters.length <= MAX_LENGTH) return line;
  const cut = characters.slice(0, MAX_LENGTH - 1).join('');
  const atWord = cut.replace(/\s+\S*$/u, '');
  return `${atWord === '' ? cut : atWord}…`;
}

/**
 * Without the marks of Markdown, and not the line that opens a fence. A message may be all invisible: then its title says
 * at least that there is something.
 */
function firstVisibleLine(text: string): string {
  const lines = text.split('\n').filter(isVisible);
  const line = lines.find((candidate) => !/^\s*(?:`{3}|~{3})/.test(candidate)) ?? lines[0];
  if (line === undefined) return '…';
  const words = withoutMarkdown(line);
  return (isVisible(words) ? words : line).replaceAll(/\s+/gu, ' ').trim();
}
