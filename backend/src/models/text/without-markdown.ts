/** Longer lines are not needed for titles, and matching pairs in them would be slow. */
const MAX_LENGTH = 500;

/**
 * Removes the Markdown syntax of a line, only where it is unambiguous: `snake_case`, `2 * 3` and `C#` stay.
 * @param line only the first 500 UTF-16 units are used
 */
export function withoutMarkdown(line: string): string {
  return line
    .slice(0, MAX_LENGTH)
    .toWellFormed()
    .replace(/^\s*(?:(?:#{1,6}|>|[-*+])\s+)+/, '')
    .replace(/!?\[([^[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+["'][^"']*["'])?\)/g, '$1')
    .replace(/<((?:https?:\/\/|mailto:)[^<>\s]*)>/gi, '$1')
    .replace(/<\/?(?:b|i|u|s|em|strong|del|ins|sub|sup|kbd|mark|code|span|p|br|h[1-6])(?:\s[^<>]*)?\/?>/gi, '')
    .replace(/(`+)(?!`)(.*?[^`])\1(?!`)/g, (_match: string, _marks: string, code: string) => code.trim())
    .replace(/(\*{2,3}|~~)(?=[^\s*~])(.*?[^\s*~])\1/g, '$2')
    .replace(/(?<![\\\p{L}\p{N}*])\*(?=[^\s*])([^*]*[^\s*\\])\*(?![\p{L}\p{N}*])/gu, '$1')
    .replace(/(?<![\p{L}\p{N}_])(_{1,2})(?=[^\s_])([^_]*\s[^_]*[^\s_])\1(?![\p{L}\p{N}_])/gu, '$2')
    .replace(/\\([*_#`[\]~])/g, '$1')
    .trim();
}
