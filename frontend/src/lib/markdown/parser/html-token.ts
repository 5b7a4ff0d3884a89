import type { BlockToken } from '../token.types.ts';

/**
 * HTML is shown as the text that it is, without the comments before it. A comment that has no end is shown: more text may
 * show that it is none.
 */
export function htmlToken(source: string): BlockToken {
  const text = source.trim();
  const shown = text.startsWith('<!--') ? text.replace(/^(?:<!--[^]*?-->\s*)+/, '') : text;
  return shown === '' ? { type: 'nothing' } : { type: 'html', text: shown };
}
