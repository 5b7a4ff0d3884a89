import type { BlockToken } from '../token.types.ts';

/**
 * HTML shown as text, without the comments before it. A comment without an end is shown: more text may prove that it is
 * no comment.
 */
export function htmlToken(source: string): BlockToken {
  const text = source.trim();
  const shown = text.startsWith('<!--') ? text.replace(/^(?:<!--[^]*?-->\s*)+/, '') : text;
  return shown === '' ? { type: 'nothing' } : { type: 'html', text: shown };
}
