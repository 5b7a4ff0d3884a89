/** Parts of a content that are said to the reader; thoughts, pictures and calls of tools are not. */
const SPOKEN: ReadonlySet<unknown> = new Set([undefined, 'text', 'output_text', 'refusal']);

/**
 * The words of a `content`, whichever of its shapes it has: a text, a list of parts and texts, or one part. Empty for
 * everything else.
 */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOf).join('');
  if (typeof content !== 'object' || content === null) return '';
  const { type, text, refusal } = content as Record<string, unknown>;
  if (!SPOKEN.has(type)) return '';
  return typeof text === 'string' ? text : typeof refusal === 'string' ? refusal : '';
}
